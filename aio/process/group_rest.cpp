#include <aio/base/capability.hpp>
#include <aio/process/group_rest.hpp>

#include <fmt/format.h>
#include <linux/capability.h>

#include <cerrno>
#include <csignal>
#include <tuple>
#include <utility>

namespace aio::process {

namespace {

std::vector<member> unreachable_of(std::vector<member> all) {
    std::erase_if(all, [](const member& each) { return each.within_reach(); });
    return all;
}

/// "pid 7 (a), pid 8 (b)".
std::string texts_of(const std::vector<member>& all) {
    std::string text;
    for (const member& each : all)
        text += (text.empty() ? "" : ", ") + each.text();
    return text;
}

} // namespace

void group_rest::clear() {
    living_.clear();
    unreachable_.clear();
    told_.clear();
}

std::optional<bool> group_rest::lives(pid_t group, async::time_point now) {
    const std::optional<bool> any = all_.any(group, now);
    if (any) {
        living_ = all_.last_seen(group);
        unreachable_ = unreachable_of(living_);
    }
    return any;
}

bool group_rest::all_unreachable() const noexcept {
    return !living_.empty() && living_.size() == unreachable_.size();
}

std::vector<member> group_rest::new_unreachable() {
    std::vector<member> found;
    for (const member& each : unreachable_)
        if (told_.insert(each.pid).second)
            found.push_back(each);
    return found;
}

std::string group_rest::text(const std::string& leader) const {
    if (all_unreachable())
        return fmt::format("{} of the group of {}", texts_of(unreachable_), leader);
    return fmt::format(
        "the rest of the group of {}{}{}",
        leader,
        unreachable_.empty() ? "" : " without ",
        texts_of(unreachable_)
    );
}

// A signal that succeeds says nothing about each member, unless CAP_KILL lets aio signal them all.
// The members that were killed may not have ended yet. The last look is at most a tenth of a second
// old: another one for each child that ends would cost too much.
std::string group_rest::left_behind(pid_t group, async::time_point now) {
    const int error = ::kill(-group, 0) == 0 ? 0 : errno;
    if (error != EPERM && (error != 0 || base::has_capability(CAP_KILL)))
        return {};
    std::ignore = all_.any(group, now);
    const std::vector<member> left = unreachable_of(all_.last_seen(group));
    return left.empty() && error == EPERM ? "processes" : texts_of(left);
}

} // namespace aio::process
