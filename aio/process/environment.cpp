#include <aio/base/system_reason.hpp>
#include <aio/process/environment.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>

namespace aio::process {

namespace {

constexpr std::array<std::string_view, 6> for_aio_alone{
    "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "WATCHDOG_USEC", "WATCHDOG_PID"
};
constexpr std::array<const char*, 4> of_users{"HOME", "USER", "LOGNAME", "SHELL"};
/// They are of the session of the user before.
constexpr std::array<const char*, 12> of_sessions{
    "MAIL",
    "USERNAME",
    "XDG_RUNTIME_DIR",
    "XDG_SESSION_ID",
    "XDG_SESSION_TYPE",
    "XDG_SESSION_CLASS",
    "XDG_SEAT",
    "XDG_VTNR",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSH_AUTH_SOCK",
    "SSH_AGENT_PID",
    "XAUTHORITY"
};
/// They belong to the user before when they are inside its HOME.
constexpr std::array<const char*, 5> of_homes{
    "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "GNUPGHOME"
};
/// A folder that only the user before may write, as pam_tmpdir makes them, is of no use.
constexpr std::array<const char*, 4> of_temporary_files{"TMPDIR", "TMP", "TEMP", "TEMPDIR"};
constexpr std::string_view standard_path = "/usr/local/bin:/usr/bin:/bin";

std::string_view name_in(std::string_view entry) {
    return entry.substr(0, entry.find('='));
}

void put(std::vector<std::string>& into, std::string entry) {
    const auto old = std::ranges::find_if(into, [&](const std::string& known) {
        return name_in(known) == name_in(entry);
    });
    if (old == into.end())
        into.push_back(std::move(entry));
    else
        *old = std::move(entry);
}

/// The values of of_users, in their order; nothing for a user without an entry, who has none.
std::optional<std::array<std::string, of_users.size()>> values_for(const base::identity& user) {
    if (user.user_name.empty())
        return std::nullopt;
    return std::array{user.home, user.user_name, user.user_name, user.shell};
}

/// A group alone was changed: the user is that of the process, who has not been looked up.
bool is_same_user(const base::identity& user) {
    return user.user_name.empty() && user.home.empty();
}

void drop(std::vector<std::string>& from, std::string_view name) {
    std::erase_if(from, [&](const std::string& entry) { return name_in(entry) == name; });
}

bool is_inside(std::string_view path, std::string_view home) {
    while (home.ends_with('/'))
        home.remove_suffix(1); // nothing is left of the root, which contains all
    return path.starts_with(home) && (path.size() == home.size() || path[home.size()] == '/');
}

bool is_private_to_another(const char* folder, uid_t user) {
    struct stat found{};
    return ::stat(folder, &found) == 0 && found.st_uid != user &&
           (found.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// Precondition: the variables of the user before are still there.
void drop_variables_before(const base::identity& user, std::vector<std::string>& from) {
    for (const char* name : of_sessions)
        drop(from, name);
    for (const char* name : of_temporary_files)
        if (const char* const folder = value_of(from, name);
            folder && is_private_to_another(folder, user.user))
            drop(from, name);
    const char* const before = value_of(from, "HOME");
    if (!before)
        return;
    const std::string home = before;
    for (const char* name : of_homes)
        if (const char* const path = value_of(from, name); path && is_inside(path, home))
            drop(from, name);
}

void put_variables_of(const base::identity& user, std::vector<std::string>& into) {
    drop_variables_before(user, into);
    const auto values = values_for(user);
    for (std::size_t i = 0; i < of_users.size(); ++i)
        if (values)
            put(into, fmt::format("{}={}", of_users[i], (*values)[i]));
        else
            drop(into, of_users[i]);
}

bool executable(const std::string& path) {
    struct stat found{};

    return ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
           ::access(path.c_str(), X_OK) == 0;
}

} // namespace

std::vector<std::string> child_environment(
    const char* const* inherited,
    const base::identity* as,
    const base::list& more,
    std::size_t index,
    std::size_t count
) {
    std::vector<std::string> all;
    for (; inherited && *inherited; ++inherited)
        if (std::ranges::find(for_aio_alone, name_in(*inherited)) == for_aio_alone.end())
            all.emplace_back(*inherited);
    if (as && !is_same_user(*as))
        put_variables_of(*as, all);
    for (const std::string& entry : more)
        put(all, entry);
    put(all, fmt::format("AIO_PROCESS_INDEX={}", index));
    put(all, fmt::format("AIO_PROCESS_COUNT={}", count));
    return all;
}

void take_variables_of(const base::identity& user) {
    if (is_same_user(user))
        return;
    std::vector<std::string> after;
    for (const char* const* entry = ::environ; entry && *entry; ++entry)
        after.emplace_back(*entry);
    put_variables_of(user, after);
    const auto follow = [&after](const char* name) {
        const char* const value = value_of(after, name);
        if (value ? ::setenv(name, value, 1) != 0 : ::unsetenv(name) != 0)
            throw base::system_failure(errno, name);
    };
    std::ranges::for_each(of_users, follow);
    std::ranges::for_each(of_sessions, follow);
    std::ranges::for_each(of_homes, follow);
    std::ranges::for_each(of_temporary_files, follow);
}

const char* value_of(const std::vector<std::string>& entries, std::string_view name) noexcept {
    for (const std::string& entry : entries)
        if (name_in(entry) == name && entry.size() > name.size())
            return entry.c_str() + name.size() + 1;
    return nullptr;
}

std::string path_in(const std::string& directory, std::string_view path) {
    if (path.starts_with('/') || directory.empty())
        return std::string{path};
    return fmt::format("{}/{}", directory, path);
}

std::string find_program(std::string_view name, const char* path, const std::string& directory) {
    if (name.find('/') != name.npos) {
        return executable(path_in(directory, name)) ? std::string{name} : std::string{};
    }
    std::string_view left = path && *path ? path : standard_path;
    while (!name.empty()) {
        const std::size_t end = std::min(left.find(':'), left.size());
        const std::string_view folder = end == 0 ? "." : left.substr(0, end);
        const std::string candidate = fmt::format("{}/{}", folder, name);
        if (executable(path_in(directory, candidate)))
            return candidate;
        if (end == left.size())
            break;
        left.remove_prefix(end + 1);
    }
    return {};
}

} // namespace aio::process
