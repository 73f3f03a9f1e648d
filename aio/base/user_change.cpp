#include <aio/base/capability.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/user_change.hpp>

#include <fmt/format.h>
#include <linux/capability.h>

#include <cerrno>
#include <fstream>

namespace aio::base {

namespace {

std::optional<bool> listed(const char* map_path, unsigned long number) {
    std::ifstream map{map_path};
    if (!map)
        return std::nullopt;
    unsigned long inside = 0, outside = 0, count = 0;
    while (map >> inside >> outside >> count)
        if (number >= inside && number - inside < count)
            return true;
    return false;
}

bool groups_are_fixed() {
    std::ifstream rule{"/proc/self/setgroups"};
    std::string word;
    return rule >> word && word == "deny";
}

struct capability {
    unsigned number;
    const char* name;
};

capability needed_for(user_step step) noexcept {
    switch (step) {
    case user_step::take_groups:
    case user_step::take_group:
        return {CAP_SETGID, "CAP_SETGID"};
    case user_step::take_user:
        return {CAP_SETUID, "CAP_SETUID"};
    case user_step::give_file:
        break;
    }
    return {CAP_CHOWN, "CAP_CHOWN"};
}

/// "no user 5 and no group 6 (see /proc/self/uid_map and /proc/self/gid_map)"; empty when both
/// exist.
std::string missing_numbers(uid_t user, gid_t group) {
    const bool no_user = namespace_has_user(user) == false;
    const bool no_group = namespace_has_group(group) == false;
    if (no_user && no_group)
        return fmt::format(
            "no user {} and no group {} (see /proc/self/uid_map and /proc/self/gid_map)",
            user,
            group
        );
    if (no_user)
        return fmt::format("no user {} (see /proc/self/uid_map)", user);
    return no_group ? fmt::format("no group {} (see /proc/self/gid_map)", group) : std::string{};
}

} // namespace

std::string describe(user_step step, uid_t user, gid_t group) {
    switch (step) {
    case user_step::take_groups:
        return fmt::format("take the groups of user {} and group {}", user, group);
    case user_step::take_group:
        return fmt::format("take group {}", group);
    case user_step::take_user:
        return fmt::format("become user {}", user);
    case user_step::give_file:
        break;
    }
    return fmt::format("give a file to user {} and group {}", user, group);
}

std::string reason_refused(user_step step, uid_t user, gid_t group, int error) {
    if (error != EPERM && error != EINVAL)
        return system_reason(error);
    if (const std::string missing = missing_numbers(user, group); !missing.empty())
        return "this user namespace has " + missing;
    if (error == EINVAL)
        return step == user_step::take_groups
                   ? "this user namespace does not have all of them (see /proc/self/gid_map)"
                   : "this user namespace does not have them (see /proc/self/uid_map)";
    if (step == user_step::take_groups && groups_are_fixed())
        return "this user namespace does not let a process set its groups (see "
               "/proc/self/setgroups)";
    if (const capability needed = needed_for(step); !has_capability(needed.number))
        return fmt::format(
            "{} (this process does not have the capability {})", system_reason(error), needed.name
        );
    return system_reason(error);
}

std::optional<bool> namespace_has_user(uid_t number) {
    return listed("/proc/self/uid_map", number);
}

std::optional<bool> namespace_has_group(gid_t number) {
    return listed("/proc/self/gid_map", number);
}

} // namespace aio::base
