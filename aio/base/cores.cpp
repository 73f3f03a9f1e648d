#include <aio/base/cores.hpp>

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace aio::base {
namespace {

std::string contents(const std::filesystem::path& file) {
    std::ifstream ifstream(file);
    return {std::istreambuf_iterator<char>(ifstream), {}};
}

/// The next word of `text`, which is taken from its front.
std::string_view take_word(std::string_view& text) {
    constexpr std::string_view blanks = " \t\n";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    const auto word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    return word;
}

std::optional<std::int64_t> number(std::string_view word) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size())
        return std::nullopt;
    return value;
}

std::optional<std::size_t>
smaller(std::optional<std::size_t> left, std::optional<std::size_t> right) {
    if (!left || !right)
        return left ? left : right;
    return std::min(*left, *right);
}

/// One line of /proc/self/cgroup: "0::/path" in version 2, "4:cpu,cpuacct:/path" in version 1.
struct membership {
    std::string_view controllers;
    std::string_view path;
};

std::optional<membership> membership_of(std::string_view line) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos)
        return std::nullopt;
    return membership{line.substr(first + 1, second - first - 1), line.substr(second + 1)};
}

bool controls_cpu(std::string_view controllers) {
    return ("," + std::string(controllers) + ",").find(",cpu,") != std::string::npos;
}

/// The quota of `group` below `mount` and of every group above it.
template <typename ReadQuota>
std::optional<std::size_t>
smallest(const std::filesystem::path& mount, std::string_view group, ReadQuota read_quota) {
    std::optional<std::size_t> result;
    std::filesystem::path below = std::filesystem::path(group).relative_path();
    for (;;) {
        result = smaller(result, read_quota(mount / below));
        if (below.empty())
            return result;
        below = below.parent_path();
    }
}

std::optional<std::size_t> quota_of_version_2(const std::filesystem::path& folder) {
    return quota_cores(contents(folder / "cpu.max"));
}

std::optional<std::size_t> quota_of_version_1(const std::filesystem::path& folder) {
    return quota_cores(
        contents(folder / "cpu.cfs_quota_us") + " " + contents(folder / "cpu.cfs_period_us")
    );
}

/// At least 1: what the scheduler lets this thread run on. 1024 is what cpu_set_t holds; with more
/// cores than that the call fails, and the machine's number is taken.
std::size_t affinity_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) == 0)
        return std::max(1, CPU_COUNT(&set));
    return std::max(1u, std::thread::hardware_concurrency());
}

} // namespace

std::optional<std::size_t> quota_cores(std::string_view cpu_max) {
    const auto quota = number(take_word(cpu_max));
    const auto period = number(take_word(cpu_max));
    if (!quota || !period || *quota <= 0 || *period <= 0)
        return std::nullopt;
    return static_cast<std::size_t>((*quota - 1) / *period + 1);
}

std::optional<std::size_t> cgroup_cores(const std::filesystem::path& root) {
    std::optional<std::size_t> result;
    const auto mounts = root / "sys/fs/cgroup";
    std::ifstream lines(root / "proc/self/cgroup");
    for (std::string line; std::getline(lines, line);) {
        const auto own = membership_of(line);
        if (!own)
            continue;
        if (own->controllers.empty())
            result = smaller(result, smallest(mounts, own->path, quota_of_version_2));
        else if (controls_cpu(own->controllers))
            for (const auto mount : {own->controllers, std::string_view("cpu")})
                result = smaller(result, smallest(mounts / mount, own->path, quota_of_version_1));
    }
    return result;
}

std::size_t usable_cores() {
    return *smaller(affinity_cores(), cgroup_cores());
}

} // namespace aio::base
