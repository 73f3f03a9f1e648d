#include <aio/app/privileges.hpp>
#include <aio/base/units.hpp>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <limits>
#include <system_error>

namespace aio::app {
namespace {

base::location where(const config::tree& from, std::string_view option) {
    const config::value* value = from.find("aio", option);
    return value ? value->text_where : base::location{};
}

/// The highest number is no user and no group: to the system it means "stay who you are".
constexpr std::int64_t highest_id = std::numeric_limits<uid_t>::max() - std::int64_t{1};

bool is_id(std::int64_t number) {
    return number >= 0 && number <= highest_id;
}

const passwd* find_user(const std::string& name) {
    if (const auto number = base::parse_integer(name))
        return is_id(*number) ? ::getpwuid(static_cast<uid_t>(*number)) : nullptr;
    return ::getpwnam(name.c_str());
}

std::optional<gid_t> find_group(const std::string& name) {
    if (const auto number = base::parse_integer(name))
        return is_id(*number) ? std::optional(static_cast<gid_t>(*number)) : std::nullopt;
    if (const group* found = ::getgrnam(name.c_str()))
        return found->gr_gid;
    return std::nullopt;
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
    identity who;
    who.user = ::geteuid();
    who.group = ::getegid();
    if (!of.user.empty()) {
        if (const passwd* found = find_user(of.user)) {
            who.user_name = found->pw_name;
            who.user = found->pw_uid;
            who.group = found->pw_gid;
        } else {
            to.error(where(from, "user"), "[aio] user: there is no user '" + of.user + "'");
        }
    }
    if (!of.group.empty()) {
        if (const auto found = find_group(of.group))
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
