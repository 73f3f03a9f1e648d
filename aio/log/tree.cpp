#include <aio/base/error_words.hpp>
#include <aio/base/leavable_thread.hpp>
#include <aio/log/handler.hpp>
#include <aio/log/last_flush.hpp>
#include <aio/log/tree_impl.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace aio::log {

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

void tree::hide(base::secret_texts what) {
    auto made =
        what.empty() ? nullptr : std::make_shared<const base::secret_texts>(std::move(what));
    impl_->services->lost.hide(made);
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

void tree::set_level(std::string_view dotted, std::optional<level> threshold) {
    const std::lock_guard guard(impl_->lock);
    impl_->keep(dotted).configured.at = threshold;
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
std::vector<std::string> problems(const handlers& asked, Call call) {
    std::vector<std::string> found;
    for (const auto& one : asked)
        if (std::string wrong = call(*one); !wrong.empty())
            found.push_back(std::move(wrong));
    return found;
}

handlers snapshot(tree::impl& state) {
    const std::lock_guard guard(state.lock);
    return state.all();
}

/// Nothing when another thread holds the lock: it may be stuck.
handlers snapshot_if_free(tree::impl& state) {
    const std::unique_lock lock(state.lock, std::try_to_lock);
    return lock ? state.all() : handlers();
}

} // namespace

std::vector<std::string> tree::reopen() {
    return problems(snapshot(*impl_), [](handler& target) { return target.reopen(); });
}

void tree::standard_output_replaced() {
    for (const auto& each : snapshot(*impl_))
        each->standard_output_replaced();
}

void tree::lead_standard_output() noexcept {
    impl_->services->leads_standard_output.store(true, std::memory_order_relaxed);
}

std::string tree::directory() const {
    const std::lock_guard guard(impl_->lock);
    return impl_->directory;
}

std::vector<std::string> tree::give_to(uid_t user, gid_t group) {
    return problems(snapshot(*impl_), [=](handler& target) { return target.give_to(user, group); });
}

bool tree::reaches(std::string_view handler) const {
    std::shared_ptr<class handler> asked;
    {
        const std::lock_guard guard(impl_->lock);
        if (const auto found = impl_->named.find(handler); found != impl_->named.end())
            asked = found->second.lock();
    }

    return !asked || asked->reached();
}

void tree::flush() noexcept {
    try {
        for (const auto& one : snapshot(*impl_))
            one->flush();
    } catch (const std::exception& e) {
        impl_->services->lost.say(base::words_of(e)); // no memory
    }
}

void tree::flush_if_free() noexcept {
    try {
        for (const auto& one : snapshot_if_free(*impl_))
            one->flush_if_free();
    } catch (const std::exception& e) {
        impl_->services->lost.say(base::words_of(e)); // no memory
    }
}

void tree::flush_at_end(std::chrono::milliseconds patience) noexcept {
    flush_if_free();
    try {
        handlers sinks = snapshot_if_free(*impl_);
        std::erase_if(sinks, [](const auto& each) { return !each->flush_may_hang(); });
        if (!sinks.empty())
            flush_within(patience, sinks);
    } catch (const std::exception& e) {
        impl_->services->lost.say(base::words_of(e)); // no memory
    }
    impl_->services->lost.tell_losses();
}

namespace {

/// Nothing when another thread does not give back the lock, because it is stuck.
std::optional<handlers> snapshot_soon(tree::impl& from) {
    std::unique_lock lock(from.lock, std::try_to_lock);
    for (int attempt = 0; attempt < 100 && !lock; ++attempt) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        std::ignore = lock.try_lock();
    }
    if (!lock)
        return std::nullopt;
    return from.all();
}

/// Calls `work` on a thread of its own and waits for it at most for `patience`.
void call_within(std::chrono::milliseconds patience, std::function<void()> work) {
    const auto end = base::leavable_thread::time_point::clock::now() + patience;
    base::leavable_thread(std::move(work)).join_until(end);
}

} // namespace

/// A handler that could not be flushed in time is locked by the caller or by a thread that is
/// stuck: its lines are written without the lock, as at a crash.
void tree::end_by_exit(std::string_view record, std::chrono::milliseconds patience) noexcept {
    const auto services = impl_->services;
    services->writes_at_once = true;
    try {
        auto all = snapshot_soon(*impl_);
        if (all)
            std::erase_if(*all, [](const auto& each) {
                return !each->collects() && !each->flush_may_hang();
            });
        if (!all || !flush_within(patience, *all))
            call_within(patience, [services] { services->unwritten.write_out(); });
        if (!record.empty())
            call_within(patience, [kept = impl_, record = std::string(record)] {
                kept->hand_out("aio").critical("{}", record);
            });
    } catch (const std::exception& e) {
        services->lost.say(base::words_of(e)); // no memory, or no thread
        services->unwritten.write_out();
    }
    services->lost.tell_losses();
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
