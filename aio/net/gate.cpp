#include <aio/base/descriptor.hpp>
#include <aio/net/gate.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include <array>
#include <chrono>
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

/// How many numbers are looked at next, after `found` of `width` were free. Where few are, each is
/// asked for: the system finds the next one faster than poll looks at all between.
constexpr std::size_t next_width(std::size_t width, std::size_t found) noexcept {
    return found * 4 < width ? 1 : std::min(width * 2, window);
}

/// Some connections that a count admits. Its number is that of the count: a loop that has counted
/// longer than another one knows by it that its own figure is out of date.
struct grant {
    static constexpr std::uint64_t times = (std::uint64_t{1} << 40) - 1;
    static constexpr std::uint64_t longest = 100; ///< in ms: other work opens descriptors, too

    std::uint64_t time = 0;   ///< of the count, in ms, modulo `times` + 1
    std::uint64_t number = 0; ///< modulo 2^16
    std::uint64_t left = 0;

    static std::uint64_t clock(base::duration time) noexcept {
        const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
        return static_cast<std::uint64_t>(whole) & times;
    }

    static grant unpack(std::uint64_t packed) noexcept {
        return {packed >> 24, packed >> 8 & 0xffff, packed & 0xff};
    }

    std::uint64_t pack() const noexcept { return time << 24 | (number & 0xffff) << 8 | left; }

    /// The time of one loop may be behind that of another.
    bool admits(std::uint64_t now) const noexcept {
        const std::uint64_t age = (now - time) & times;
        return left != 0 && (age <= longest || age >= times - longest);
    }
};

static_assert(window / 4 <= 0xff);

} // namespace

std::size_t free_descriptors(int open, std::size_t limit, std::size_t enough) noexcept {
    std::size_t sum = 0;
    std::size_t first = 0;
    std::size_t width = window;
    while (sum < enough) {
        const auto next = first < limit ? next_free(open, first) : std::nullopt;
        if (!next || *next >= limit)
            break;
        const std::size_t found =
            width == 1 ? 1 : free_among(*next, std::min(width, limit - *next));
        sum += found;
        first = *next + width;
        width = next_width(width, found);
    }
    return std::min(sum, enough);
}

std::size_t gate::reserved() const noexcept {
    const auto limit = limit_of_descriptors();
    return limit ? reserved_descriptors(*limit, now()) : 0;
}

bool gate::admits(int open, connection_kind kind, base::duration time) noexcept {
    std::uint64_t packed = grant_.load(std::memory_order_relaxed);
    while (grant::unpack(packed).admits(grant::clock(time)))
        if (grant_.compare_exchange_weak(packed, packed - 1, std::memory_order_relaxed))
            return true;
    return count(open, kind, time, packed);
}

// `before` was read before the count. When another loop has counted meanwhile, the smaller figure
// stays: the larger one may be out of date.
bool gate::count(
    int open, connection_kind kind, base::duration time, std::uint64_t before
) noexcept {
    const auto limit = limit_of_descriptors();
    if (!limit)
        return true;
    const descriptor_use use = now();
    const std::size_t reserved = reserved_descriptors(*limit, use);
    const std::size_t free = free_descriptors(open, *limit, reserved + window);
    const bool accepts = kind == connection_kind::accepted;
    const std::size_t left = accepts && free != 0 ? free - 1 : free;
    const grant made{
        grant::clock(time),
        grant::unpack(before).number + 1,
        connections_per_count(left, reserved),
    };
    while (!grant_.compare_exchange_strong(before, made.pack(), std::memory_order_relaxed) &&
           made.left < grant::unpack(before).left)
        ;
    return (accepts && free == 0) || left >= reserved_descriptors(*limit, use, kind);
}

} // namespace aio::net
