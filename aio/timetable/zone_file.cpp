#include <aio/base/environment.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/timetable/zone_file.hpp>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace aio::timetable {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "TZif";
constexpr std::size_t version_at = 4, leap_seconds_at = 28, header_size = 44;

using header = std::array<char, header_size>;

/// As the library chooses it.
fs::path folder() {
    return base::variable("TZDIR").value_or("/usr/share/zoneinfo");
}

/// Names below the folder only.
bool is_name(std::string_view name) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789+-_/.";
    return !name.empty() && name.front() != '/' && name.find("..") == name.npos &&
           name.find_first_not_of(allowed) == name.npos;
}

zone_error unusable(std::string_view name, std::string_view reason) {
    return {
        fmt::format("the file of time zone '{}' cannot be used: {}", name, reason),
        fmt::format(
            "{} comes from the package tzdata; install it again", (folder() / name).string()
        )
    };
}

std::optional<zone_error> wrong_with(std::string_view name, const header& head) {
    if (std::string_view{head.data(), magic.size()} != magic)
        return unusable(name, "it is not a time zone file");
    if (head[version_at] < '2')
        return unusable(name, "it is of the first format, which has no rules for later years");
    for (std::size_t i = 0; i < 4; ++i)
        if (head[leap_seconds_at + i] != 0)
            return unusable(name, "it counts leap seconds, which the system's clock does not");
    return std::nullopt;
}

std::optional<header> head_of(const fs::path& path) {
    header head{};
    std::ifstream from(path, std::ios::binary);
    if (!from.read(head.data(), head.size()))
        return std::nullopt;
    return head;
}

bool is_zone_file(const fs::path& path) {
    const auto head = head_of(path);
    return head && std::string_view{head->data(), magic.size()} == magic;
}

} // namespace

std::optional<zone_error> wrong_with_zone_file(std::string_view name) {
    std::error_code failed;
    if (!fs::is_directory(folder(), failed))
        return zone_error{
            fmt::format(
                "time zone '{}' cannot be read: there is no folder {}", name, folder().string()
            ),
            "install the package tzdata; UTC needs no files"
        };
    const fs::path path = folder() / name;
    if (!is_name(name) || !fs::is_regular_file(path, failed))
        return zone_error{fmt::format("unknown time zone '{}'", name), {}};
    errno = 0;
    if (!std::ifstream(path))
        return unusable(name, base::system_reason(errno));
    const auto head = head_of(path);
    return head ? wrong_with(name, *head) : damaged_zone_file(name);
}

zone_error damaged_zone_file(std::string_view name) {
    return unusable(name, "it is damaged or cut short");
}

std::vector<std::string> names_of_zone_files() {
    std::vector<std::string> names;
    std::error_code failed;
    const fs::path top = folder();
    for (fs::recursive_directory_iterator found(top, failed), end; !failed && found != end;
         found.increment(failed)) {
        const std::string name = found->path().lexically_relative(top).string();
        std::error_code ignored;
        if (found->is_directory(ignored)) {
            if (name == "posix" || name == "right")
                found.disable_recursion_pending();
        } else if (found->is_regular_file(ignored) && is_zone_file(found->path())) {
            names.push_back(name);
        }
    }
    return names;
}

} // namespace aio::timetable
