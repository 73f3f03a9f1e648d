#include <aio/app/limits.hpp>
#include <aio/base/descriptor.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace aio::app {

namespace {

constexpr std::uint64_t usual_descriptors = 4096;

} // namespace

open_files raise_open_files() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return {};
    open_files result{limit.rlim_cur, limit.rlim_cur};
    const rlimit wanted{limit.rlim_max, limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0)
        result.now = limit.rlim_max;
    const auto last = static_cast<int>(std::min(result.now, usual_descriptors)) - 1;
    const base::descriptor room(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, last));
    return result;
}

std::size_t descriptors_in_use() noexcept {
    const base::descriptor next(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
    return next ? static_cast<std::size_t>(next.get()) : 0;
}

} // namespace aio::app
