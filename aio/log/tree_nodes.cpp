// The loggers of a tree: made for a name, kept, lent and given back.

#include <aio/log/tree_impl.hpp>

#include <algorithm>
#include <utility>

namespace aio::log {

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
    auto find_child = [this](const node& above, std::string_view relative) -> logger& {
        return hand_out(
            above.is_root() ? std::string(relative) : above.name() + "." + std::string(relative)
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

} // namespace aio::log
