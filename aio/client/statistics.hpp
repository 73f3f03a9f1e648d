#pragma once

// What a client has counted, over all its starts, and the kinds of failures that it tells apart.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/traffic.hpp>
#include <aio/service/unit.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace aio::async {
class loop;
}

namespace aio::client {

/// Why an attempt has failed or a connection has ended, in one word.
enum class failure : std::uint8_t {
    refused,     ///< nobody listens there
    timeout,     ///< no answer in time
    unreachable, ///< no way to that address
    name,        ///< the name is not resolved
    handshake,   ///< no TLS, or no tunnel through a proxy
    reset,       ///< the peer broke the connection
    ended,       ///< the connection ended without an error
    other,
};

inline constexpr std::size_t failure_kinds = static_cast<std::size_t>(failure::other) + 1;

AIO_API failure failure_of(const std::exception_ptr& why) noexcept;

/// "refused", "timed out": what stands after "last: ".
AIO_API std::string_view describe(failure why) noexcept;

/// Changed on any loop. Read on any thread.
class AIO_API counts {
  public:
    void attempt() noexcept { add(attempts_, 1); }

    void failed(failure why) noexcept { add(failed_[static_cast<std::size_t>(why)], 1); }

    /// An attempt that took `time` has made a connection. `resumed`: with a short TLS handshake.
    void connected(base::duration time, bool resumed) noexcept {
        add(connected_, 1);
        add(resumed_, resumed);
        add(connect_time_, static_cast<std::uint64_t>(time.count()));
    }

    void opened() noexcept { add(open_, 1); }

    void closed() noexcept { open_.fetch_sub(1, std::memory_order_relaxed); }

    /// The bytes of the connections that the client keeps up itself, all on its loop.
    net::traffic traffic;

    /// Those of the connections that were asked for on this loop.
    std::shared_ptr<net::traffic> traffic_of(const async::loop& home);

    /// Connections that the client keeps up and that are open; attempts, and those that made a
    /// connection; of these, the resumed ones if there were any; the seconds that connecting took;
    /// bytes; attempts that failed, by the reasons that there were.
    std::vector<service::statistic> statistics() const;

  private:
    using counter = std::atomic<std::uint64_t>;

    static void add(counter& sum, std::uint64_t more) noexcept {
        sum.fetch_add(more, std::memory_order_relaxed);
    }

    counter open_{0}, attempts_{0}, connected_{0}, resumed_{0}, connect_time_{0};
    mutable std::mutex guard_; ///< of asked_
    std::map<const async::loop*, std::shared_ptr<net::traffic>> asked_;
    std::array<counter, failure_kinds> failed_{};
};

} // namespace aio::client
