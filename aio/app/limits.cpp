#include <aio/app/limits.hpp>

#include <sys/resource.h>

namespace aio::app {

open_files raise_open_files() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return {};
    open_files result{limit.rlim_cur, limit.rlim_cur};
    const rlimit wanted{limit.rlim_max, limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0)
        result.now = limit.rlim_max;
    return result;
}

} // namespace aio::app
