#include <aio/app/privileges.hpp>

#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace aio::app {
namespace {

base::location where(const config::tree& tree, std::string_view option) {
    const config::value* value = tree.find("aio", option);
    return value ? value->text_where : base::location{};
}

void check(int result, const char* name) {
    if (result != 0)
        throw std::system_error(errno, std::system_category(), name);
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
    if (target.user_name.empty())
        check(::setgroups(1, &target.group), "setgroups");
    else
        check(::initgroups(target.user_name.c_str(), target.group), "initgroups");
    check(::setresgid(target.group, target.group, target.group), "setresgid");
    check(::setresuid(target.user, target.user, target.user), "setresuid");
    if (target.user != 0 && ::setuid(0) == 0)
        throw std::system_error(
            EPERM, std::system_category(), "the process could regain root privileges"
        );
    if (dumpable) // a change of user forbids core files
        check(::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl");
}

} // namespace aio::app
