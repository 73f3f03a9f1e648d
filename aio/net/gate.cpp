#include <aio/base/descriptor.hpp>
#include <aio/net/gate.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include <array>
#include <limits>
#include <optional>

namespace aio::net {

namespace {

/// Also the surplus of free descriptors above which a count does not go on.
constexpr std::size_t window = 256;

std::optional<std::size_t> limit_of_descriptors() noexcept {
    ::rlimit files{};
    constexpr auto most = static_cast<::rlim_t>(std::numeric_limits<int>::max());
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur > most)
        return std::nullopt;
    return files.rlim_cur;
}

/// The lowest free number from `first` on.
std::optional<std::size_t> next_free(int open, std::size_t first) noexcept {
    const base::descriptor found(::fcntl(open, F_DUPFD_CLOEXEC, static_cast<int>(first)));
    return found ? std::optional(static_cast<std::size_t>(found.get())) : std::nullopt;
}

/// How many of `count` numbers from `first` on are free; `count` is `window` at most.
std::size_t free_among(std::size_t first, std::size_t count) noexcept {
    std::array<::pollfd, window> all;
    for (std::size_t i = 0; i < count; ++i)
        all[i] = {.fd = static_cast<int>(first + i), .events = 0, .revents = 0};
    if (::poll(all.data(), count, 0) < 0)
        return 0;
    return static_cast<std::size_t>(std::count_if(all.begin(), all.begin() + count, [](auto& each) {
        return (each.revents & POLLNVAL) != 0;
    }));
}

} // namespace

std::size_t free_descriptors(int open, std::size_t limit, std::size_t enough) noexcept {
    std::size_t sum = 0;
    for (std::size_t first = 0; sum < enough; first += window) {
        const auto next = first < limit ? next_free(open, first) : std::nullopt;
        if (!next || *next >= limit)
            break;
        first = *next;
        sum += free_among(first, std::min(window, limit - first));
    }
    return std::min(sum, enough);
}

bool gate::count(int open, connection_kind kind) noexcept {
    const auto limit = limit_of_descriptors();
    if (!limit)
        return true;
    const descriptor_use use = now();
    const std::size_t reserved = reserved_descriptors(*limit, use);
    const std::size_t free = free_descriptors(open, *limit, reserved + window);
    if (free == 0 && kind == connection_kind::accepted)
        return true;
    const std::size_t left = kind == connection_kind::accepted ? free - 1 : free;
    uncounted_.store(
        static_cast<std::int64_t>(connections_per_count(left, reserved)), std::memory_order_relaxed
    );
    return left >= reserved_descriptors(*limit, use, kind);
}

} // namespace aio::net
