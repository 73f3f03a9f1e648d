#include <aio/app/privileges.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/user_change.hpp>

#include <fmt/format.h>
#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace aio::app {
namespace {

base::location where(const config::tree& tree, std::string_view option) {
    const config::value* value = tree.find("aio", option);
    return value ? value->text_where : base::location{};
}

/// Throws what a step of the change that has failed means.
void check(int result, base::user_step step, const identity& target) {
    if (result == 0)
        return;
    const int error = errno;
    throw base::system_failure::in_words(
        error,
        fmt::format(
            "cannot {}: {}",
            base::describe(step, target.user, target.group),
            base::reason_refused(step, target.user, target.group, error)
        )
    );
}

} // namespace

std::optional<identity>
find_identity(const settings& process, const config::tree& tree, base::diagnostics& problems) {
    if (process.user.empty() && process.group.empty())
        return std::nullopt;
    identity user = base::own_identity();
    if (!process.user.empty()) {
        if (auto found = base::find_user(process.user))
            user = std::move(*found);
        else
            problems.error(
                where(tree, "user"), "[aio] user: there is no user '" + process.user + "'"
            );
    }
    if (!process.group.empty()) {
        if (const auto found = base::find_group(process.group))
            user.group = *found;
        else
            problems.error(
                where(tree, "group"), "[aio] group: there is no group '" + process.group + "'"
            );
    }
    const bool same = user.user == ::geteuid() && user.group == ::getegid();
    if (!same && ::geteuid() != 0)
        problems.error(
            where(tree, process.user.empty() ? "group" : "user"),
            "[aio] only root can become another user or group",
            "start aio as root, or drop the option"
        );
    return user;
}

void become(const identity& target) {
    if (::geteuid() != 0)
        return;
    const bool dumpable = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
    using enum base::user_step;
    const int groups_taken = target.user_name.empty()
                                 ? ::setgroups(1, &target.group)
                                 : ::initgroups(target.user_name.c_str(), target.group);
    check(groups_taken, take_groups, target);
    check(::setresgid(target.group, target.group, target.group), take_group, target);
    check(::setresuid(target.user, target.user, target.user), take_user, target);
    if (target.user != 0 && ::setuid(0) == 0)
        throw base::system_failure::in_words(EPERM, "the process could regain root privileges");
    if (dumpable &&
        ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) // a change of user forbids core files
        throw base::system_failure(errno, "prctl");
}

} // namespace aio::app
