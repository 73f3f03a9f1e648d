#include <aio/log/complaints.hpp>
#include <aio/log/handler.hpp>
#include <aio/log/node.hpp>
#include <aio/log/tree.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

namespace aio::log {

struct tree::impl {
    impl();

    /// The node of a name, made when there is none. It may be given back.
    node& find(std::string_view dotted);
    /// The same, for good.
    node& keep(std::string_view dotted);
    /// The same, for somebody who gets a reference to it. Takes the lock.
    node& hand_out(const std::string& dotted);
    node& make(std::string name, node* parent);
    /// Ends a node that nobody needs any more, and the nodes above it that were made for it.
    void give_back(node& unused);
    void reroute();
    /// Every handler in use, once.
    handlers all() const;

    std::mutex lock;
    const std::shared_ptr<output_services> services = std::make_shared<output_services>();
    std::map<std::string, std::unique_ptr<node>, std::less<>> nodes;
    node* root = nullptr;
    handlers captures;
    std::shared_ptr<const base::secret_texts> hidden; ///< null: nothing
    bool said_many = false;
};

namespace {

/// With more loggers than that, their names are made at run time.
constexpr std::size_t many = 10'000;

} // namespace

tree::impl::impl() {
    root = &make("root", nullptr);
    root->configured.at = level::info;
    handler_spec standard_error("", stream_args{stream::err});
    root->configured.own = {open_handler(standard_error, formatter_spec{""}, "", services)};
    root->reroute(captures, hidden);
}

node& tree::impl::make(std::string name, node* parent) {
    auto find_child = [this](const node& of, std::string_view relative) -> logger& {
        return hand_out(
            of.is_root() ? std::string(relative) : of.name() + "." + std::string(relative)
        );
    };
    auto made = std::make_unique<node>(name, parent, services->lost, std::move(find_child));
    if (parent)
        ++parent->children;
    return *nodes.emplace(std::move(name), std::move(made)).first->second;
}

node& tree::impl::find(std::string_view dotted) {
    if (dotted.empty())
        return *root;
    if (const auto found = nodes.find(dotted); found != nodes.end())
        return *found->second;
    const std::size_t dot = dotted.rfind('.');
    node& parent = dot == std::string_view::npos ? *root : find(dotted.substr(0, dot));
    node& made = make(std::string(dotted), &parent);
    made.reroute(captures, hidden);
    return made;
}

node& tree::impl::keep(std::string_view dotted) {
    node& kept = find(dotted);
    kept.stays = true;
    return kept;
}

node& tree::impl::hand_out(const std::string& dotted) {
    node* kept = nullptr;
    bool tell = false;
    {
        const std::lock_guard guard(lock);
        kept = &keep(dotted);
        tell = nodes.size() > many && !std::exchange(said_many, true);
    }
    if (tell)
        kept->warning(
            "There are more than {} loggers, and each is kept for good; a name that is made at run "
            "time is better lent (lend_log)",
            many
        );
    return *kept;
}

void tree::impl::give_back(node& unused) {
    for (node* at = &unused; at->parent() && !at->stays && at->lent == 0 && at->children == 0;) {
        node* const above = at->parent();
        --above->children;
        nodes.erase(nodes.find(at->name()));
        at = above;
    }
}

void tree::impl::reroute() {
    for (const auto& [name, one] : nodes)
        one->reroute(captures, hidden);
}

handlers tree::impl::all() const {
    handlers found;
    for (const auto& [name, one] : nodes)
        for (const auto& each : one->configured.own)
            if (std::ranges::find(found, each) == found.end())
                found.push_back(each);
    return found;
}

tree::tree() : impl_(std::make_shared<impl>()) {}

tree::~tree() {
    flush();
}

logger& tree::get(std::string_view dotted) {
    return impl_->hand_out(std::string(dotted));
}

logger& tree::root() noexcept {
    return *impl_->root;
}

std::shared_ptr<logger> tree::lend(std::string_view dotted) {
    const std::lock_guard guard(impl_->lock);
    node& lent = impl_->find(dotted);
    ++lent.lent;
    return {&lent, [weak = std::weak_ptr(impl_), &lent](logger*) {
                if (const auto tree = weak.lock()) {
                    const std::lock_guard guard(tree->lock);
                    --lent.lent;
                    tree->give_back(lent);
                }
            }};
}

std::size_t tree::size() const {
    const std::lock_guard guard(impl_->lock);
    return impl_->nodes.size();
}

namespace {

std::map<std::string, std::shared_ptr<handler>> open_used(
    const spec& what,
    const std::string& directory,
    const std::shared_ptr<output_services>& services,
    base::diagnostics& to
) {
    std::map<std::string, std::shared_ptr<handler>> opened;
    for (const handler_spec& each : what.handlers) {
        if (!what.used(each))
            continue;
        const formatter_spec* formatter = what.find_formatter(each.formatter);
        try {
            opened[each.name] = open_handler(
                each,
                formatter ? *formatter : formatter_spec("", "%(message)s"),
                directory,
                services
            );
        } catch (const std::exception& e) {
            to.error(each.where, each.title() + " " + e.what());
        }
    }
    return opened;
}

} // namespace

base::diagnostics tree::configure(const spec& what, std::string directory) {
    std::error_code gone; // the folder may have been removed: absolute paths do not need it
    if (directory.empty())
        directory = std::filesystem::current_path(gone);
    base::diagnostics wrong;
    const auto opened = open_used(what, directory, impl_->services, wrong);
    if (wrong.failed())
        return wrong;

    handlers old;
    {
        const std::lock_guard guard(impl_->lock);
        old = impl_->all();
        for (const auto& [name, one] : impl_->nodes)
            one->configured = {};
        impl_->root->configured.at = level::warning; // Python's, when nothing is said
        for (const logger_spec& one : what.loggers) {
            settings& to = impl_->keep(one.name).configured;
            to.at = one.at ? one.at : to.at;
            to.propagate = one.propagate;
            for (const std::string& name : one.handlers)
                if (const auto found = opened.find(name); found != opened.end())
                    to.own.push_back(found->second);
        }
        impl_->reroute();
    }
    for (const auto& one : old)
        one->flush();
    return wrong;
}

void tree::hide(base::secret_texts what) {
    auto made =
        what.empty() ? nullptr : std::make_shared<const base::secret_texts>(std::move(what));
    const std::lock_guard guard(impl_->lock);
    impl_->hidden = std::move(made);
    impl_->reroute();
}

std::string tree::shown(std::string_view text) const {
    std::shared_ptr<const base::secret_texts> hidden;
    {
        const std::lock_guard guard(impl_->lock);
        hidden = impl_->hidden;
    }
    return hidden ? hidden->mask(text) : std::string(text);
}

void tree::set_level(std::string_view dotted, std::optional<level> at) {
    const std::lock_guard guard(impl_->lock);
    impl_->keep(dotted).configured.at = at;
    impl_->reroute();
}

level tree::effective_level(std::string_view dotted) {
    const std::lock_guard guard(impl_->lock);
    node& asked = impl_->find(dotted);
    const level counts = asked.effective();
    impl_->give_back(asked);
    return counts;
}

namespace {

template <typename Call>
std::vector<std::string> problems(const handlers& of, Call call) {
    std::vector<std::string> found;
    for (const auto& one : of)
        if (std::string wrong = call(*one); !wrong.empty())
            found.push_back(std::move(wrong));
    return found;
}

handlers snapshot(tree::impl& of) {
    const std::lock_guard guard(of.lock);
    return of.all();
}

} // namespace

std::vector<std::string> tree::reopen() {
    return problems(snapshot(*impl_), [](handler& one) { return one.reopen(); });
}

std::vector<std::string> tree::give_to(uid_t user, gid_t group) {
    return problems(snapshot(*impl_), [=](handler& one) { return one.give_to(user, group); });
}

void tree::flush() noexcept {
    try {
        for (const auto& one : snapshot(*impl_))
            one->flush();
    } catch (const std::exception& e) {
        impl_->services->lost.lost("a handler", e.what(), 1);
    }
}

void tree::flush_if_free() noexcept {
    try {
        handlers all;
        if (const std::unique_lock lock(impl_->lock, std::try_to_lock); lock)
            all = impl_->all();
        for (const auto& one : all)
            one->flush_if_free();
    } catch (const std::exception& e) {
        impl_->services->lost.lost("a handler", e.what(), 1);
    }
}

void tree::write_out() const noexcept {
    impl_->services->unwritten.write_out();
}

std::uint64_t tree::lost() const noexcept {
    return impl_->services->lost.count();
}

void tree::attach(std::string_view dotted, std::shared_ptr<spdlog::sinks::sink> sink) {
    const std::lock_guard guard(impl_->lock);
    impl_->keep(dotted).configured.own.push_back(wrap_sink(std::move(sink), impl_->services));
    impl_->reroute();
}

struct capture::state {
    std::weak_ptr<tree::impl> from;
    std::shared_ptr<function_handler> handler;

    ~state() {
        if (const auto tree = from.lock()) {
            const std::lock_guard guard(tree->lock);
            std::erase(tree->captures, handler);
            tree->reroute();
        }
        handler->stop();
    }
};

capture::capture() noexcept = default;
capture::capture(capture&&) noexcept = default;
capture& capture::operator=(capture&&) noexcept = default;
capture::~capture() = default;

capture::capture(std::unique_ptr<state> from) noexcept : state_(std::move(from)) {}

capture tree::on_record(std::function<void(const record&)> call) {
    auto made = std::make_unique<capture::state>();
    made->from = impl_;
    made->handler = std::make_shared<function_handler>(std::move(call));
    const std::lock_guard guard(impl_->lock);
    impl_->captures.push_back(made->handler);
    impl_->reroute();
    return capture(std::move(made));
}

} // namespace aio::log
