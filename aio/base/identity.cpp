#include <aio/base/identity.hpp>
#include <aio/base/units.hpp>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace aio::base {

namespace {

/// The highest number names no user and no group: system calls take it as "do not change".
constexpr std::int64_t highest_id = std::numeric_limits<uid_t>::max() - std::int64_t{1};

bool is_id(std::int64_t number) {
    return number >= 0 && number <= highest_id;
}

identity of_entry(const passwd& entry) {
    identity who;
    who.user_name = entry.pw_name;
    who.user = entry.pw_uid;
    who.group = entry.pw_gid;
    who.home = entry.pw_dir;
    who.shell = entry.pw_shell;
    return who;
}

std::optional<identity> numbered(std::int64_t number) {
    if (!is_id(number))
        return std::nullopt;
    if (const passwd* found = ::getpwuid(static_cast<uid_t>(number)))
        return of_entry(*found);
    identity who;
    who.user = static_cast<uid_t>(number);
    who.group = static_cast<gid_t>(number);
    who.home = "/";
    return who;
}

} // namespace

identity own_identity() {
    identity user;
    user.user = ::geteuid();
    user.group = ::getegid();
    return user;
}

std::optional<identity> find_user(const std::string& name_or_number) {
    if (const auto number = parse_integer(name_or_number))
        return numbered(*number);
    const passwd* found = ::getpwnam(name_or_number.c_str());
    return found ? std::optional(of_entry(*found)) : std::nullopt;
}

std::optional<gid_t> find_group(const std::string& name_or_number) {
    if (const auto number = parse_integer(name_or_number))
        return is_id(*number) ? std::optional(static_cast<gid_t>(*number)) : std::nullopt;
    if (const group* found = ::getgrnam(name_or_number.c_str()))
        return found->gr_gid;
    return std::nullopt;
}

std::vector<gid_t> groups_of(const identity& user) {
    std::vector<gid_t> all{user.group};
    if (user.user_name.empty())
        return all;
    std::vector<gid_t> found(64);
    int count = static_cast<int>(found.size());
    while (::getgrouplist(user.user_name.c_str(), user.group, found.data(), &count) < 0) {
        if (static_cast<std::size_t>(count) <= found.size())
            return all;
        found.resize(static_cast<std::size_t>(count));
    }
    found.resize(static_cast<std::size_t>(count));
    return found;
}

} // namespace aio::base
