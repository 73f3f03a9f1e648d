#include <aio/base/system_reason.hpp>
#include <aio/process/argument_limit.hpp>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <numeric>

namespace aio::process {

namespace {

constexpr std::size_t most_pages = 32; // MAX_ARG_STRLEN of the kernel

bool is_too_long(const std::string& text) noexcept {
    return text.size() > longest_argument();
}

/// Each one ends with a zero, and has a pointer to it.
std::size_t bytes_of(const std::vector<std::string>& all) noexcept {
    return std::accumulate(
        all.begin(),
        all.end(),
        std::size_t{0},
        [](std::size_t sum, const std::string& text) {
            return sum + text.size() + 1 + sizeof(char*);
        }
    );
}

/// The limit of execve() for all together.
std::size_t longest_together() noexcept {
    constexpr std::size_t least = 131'072, most = 6U << 20U;
    ::rlimit stack{};
    if (::getrlimit(RLIMIT_STACK, &stack) != 0)
        return least;
    return static_cast<std::size_t>(std::clamp<::rlim_t>(stack.rlim_cur / 4, least, most));
}

} // namespace

std::size_t longest_argument() noexcept {
    const long page = ::sysconf(_SC_PAGESIZE);
    return most_pages * static_cast<std::size_t>(std::max(page, 4096L)) - 1;
}

std::string reason_too_long(
    const std::vector<std::string>& arguments, const std::vector<std::string>& environment
) {
    if (const auto found = std::ranges::find_if(arguments, is_too_long); found != arguments.end())
        return fmt::format(
            "argument {} has {} bytes; one argument may have {}",
            found - arguments.begin(),
            found->size(),
            longest_argument()
        );
    if (const auto found = std::ranges::find_if(environment, is_too_long);
        found != environment.end())
        return fmt::format(
            "the variable {} has {} bytes with its name; one variable may have {}",
            found->substr(0, found->find('=')),
            found->size(),
            longest_argument()
        );
    return fmt::format(
        "{} (the arguments have {} bytes and the environment has {}; together they may have "
        "{}: a quarter of what ulimit -s allows, 6 MiB at most)",
        base::system_reason(E2BIG),
        bytes_of(arguments),
        bytes_of(environment),
        longest_together()
    );
}

} // namespace aio::process
