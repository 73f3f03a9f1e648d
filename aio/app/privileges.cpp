#include <aio/app/privileges.hpp>

#include <grp.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace aio::app {
namespace {

base::location where(const config::tree& from, std::string_view option) {
    const config::value* value = from.find("aio", option);
    return value ? value->text_where : base::location{};
}

void check(int result, const char* what) {
    if (result != 0)
        throw std::system_error(errno, std::system_category(), what);
}

} // namespace

std::optional<identity>
find_identity(const settings& of, const config::tree& from, base::diagnostics& to) {
    if (of.user.empty() && of.group.empty())
        return std::nullopt;
    identity who = base::own_identity();
    if (!of.user.empty()) {
        if (auto found = base::find_user(of.user))
            who = std::move(*found);
        else
            to.error(where(from, "user"), "[aio] user: there is no user '" + of.user + "'");
    }
    if (!of.group.empty()) {
        if (const auto found = base::find_group(of.group))
            who.group = *found;
        else
            to.error(where(from, "group"), "[aio] group: there is no group '" + of.group + "'");
    }
    const bool same = who.user == ::geteuid() && who.group == ::getegid();
    if (!same && ::geteuid() != 0)
        to.error(
            where(from, of.user.empty() ? "group" : "user"),
            "[aio] only root can become another user or group",
            "start aio as root, or drop the option"
        );
    return who;
}

void become(const identity& who) {
    if (::geteuid() != 0)
        return;
    if (who.user_name.empty())
        check(::setgroups(1, &who.group), "setgroups");
    else
        check(::initgroups(who.user_name.c_str(), who.group), "initgroups");
    check(::setresgid(who.group, who.group, who.group), "setresgid");
    check(::setresuid(who.user, who.user, who.user), "setresuid");
    if (who.user != 0 && ::setuid(0) == 0)
        throw std::system_error(EPERM, std::system_category(), "privileges could be taken back");
}

} // namespace aio::app
