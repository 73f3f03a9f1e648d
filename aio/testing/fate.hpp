#pragma once

// What becomes of one connection in a network of a test (aio/testing/network.hpp).

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/testing/toward.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace aio::testing {

enum class fault : std::uint8_t {
    none,
    end,   ///< the receiver sees the end, as through a proxy that gives up; more from the sender
           ///< brings it a reset
    reset, ///< both ends see a reset, what is on its way is lost
    stall, ///< nothing more arrives this way until network::resume()
    cut,   ///< nothing more arrives, either way; both ends see ETIMEDOUT after `fate::patience`
};

/// By default a good connection: it is accepted, and bytes take a millisecond.
struct AIO_API fate {
    enum class answer : std::uint8_t {
        accept,
        refuse,      ///< ECONNREFUSED
        silence,     ///< none ever
        unreachable, ///< EHOSTUNREACH
    };

    /// One direction.
    struct way {
        base::duration latency = std::chrono::milliseconds(1); ///< of each byte
        /// Up to so much more, by the seed. Bytes keep their order.
        base::duration jitter{0};
        std::optional<std::uint64_t> bandwidth; ///< bytes per second; nothing: no limit
        /// Bytes that the sender's system keeps until they arrive, and that the receiver's system
        /// keeps until they are read.
        std::size_t room = 64 * 1024;
        /// What happens once `after` bytes have arrived.
        fault then = fault::none;
        std::uint64_t after = 0;

        way() = default;
    };

    answer to_connect = answer::accept;
    base::duration connecting = std::chrono::milliseconds(2); ///< until the answer is there
    way to_server, to_client;
    /// How long the systems of both ends try in vain before they give the connection up.
    base::duration patience = std::chrono::seconds(60);

    fate() = default;

    way& of(toward direction) noexcept {
        return direction == toward::server ? to_server : to_client;
    }

    const way& of(toward direction) const noexcept {
        return direction == toward::server ? to_server : to_client;
    }

    // Each can be chained: fate().slow(64'000).breaks(toward::server, fault::reset, 100).

    /// Both directions take `latency` and up to `jitter` more; the answer to a connect takes twice
    /// as long.
    fate& late(base::duration latency, base::duration jitter = {}) noexcept;
    /// Both directions.
    fate& slow(std::uint64_t bytes_per_second) noexcept;
    fate& breaks(toward direction, fault how, std::uint64_t after = 0) noexcept;
    fate& refuses() noexcept;
    fate& keeps_silent() noexcept;
};

} // namespace aio::testing
