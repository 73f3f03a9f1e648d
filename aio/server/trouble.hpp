#pragma once

// Decides what is logged while a server cannot accept, receive or send. Private to server/.

#include <aio/base/once_a_minute.hpp>
#include <aio/base/units.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace aio::server {

/// The failures of all sockets of a server. Each socket has runs of failures, which its owner tells
/// apart. The server is in trouble from the first run until no socket has one. Pure. Not
/// thread-safe.
class trouble {
  public:
    /// The place of a failure in the run of its socket.
    enum class failure { first, another };
    enum class run_end {
        success, ///< the socket accepts or receives again
        quiet    ///< it has not failed for a while, and nothing came that it could accept
    };

    /// Returns the number of failures that were not logged since the last log line, if this one has
    /// to be logged; otherwise nothing.
    std::optional<std::uint64_t> failed(base::duration now, failure place) noexcept {
        if (place == failure::first)
            ++runs_;
        ++failures_;
        works_ = false;
        const auto unmentioned = said_.note(now);
        told_ |= unmentioned.has_value();
        return unmentioned;
    }

    /// A run has ended. Returns how many failures the trouble has had, if the log has to say that
    /// it is over; otherwise nothing. A quiet end proves nothing: the log waits for a success.
    std::optional<std::size_t> ended(run_end how) noexcept {
        --runs_;
        works_ |= how == run_end::success;
        return over();
    }

    /// A socket without a run has had a success. As ended().
    std::optional<std::size_t> succeeded() noexcept {
        works_ = true;
        return over();
    }

    /// Whether the log says that there is trouble.
    bool told() const noexcept { return told_; }

  private:
    std::optional<std::size_t> over() noexcept {
        if (runs_ != 0 || (told_ && !works_))
            return std::nullopt;
        const std::size_t all = std::exchange(failures_, 0);
        return std::exchange(told_, false) ? std::optional(all) : std::nullopt;
    }

    std::size_t runs_ = 0; ///< sockets that have one
    std::size_t failures_ = 0;
    bool works_ = false; ///< a socket has had a success since the last failure
    bool told_ = false;
    base::once_a_minute said_;
};

/// Decides what is logged about datagrams that are dropped because there is no room to send them:
/// one line a minute with their number. Pure. Not thread-safe.
class drops {
  public:
    /// A datagram is dropped. Returns how many were dropped since the last log line, with this one,
    /// if this has to be logged; otherwise nothing, and minute_over() says it later.
    std::optional<std::uint64_t> dropped(base::duration now) noexcept {
        ++count_;
        return minute_over(now);
    }

    /// As dropped(), without another datagram. Called at unsaid_until().
    std::optional<std::uint64_t> minute_over(base::duration now) noexcept {
        if (count_ == 0 || now < said_.next())
            return std::nullopt;
        said_.note(now);
        return std::exchange(count_, 0);
    }

    /// When the log may hear of the datagrams that it has not heard of; nothing when there are
    /// none.
    std::optional<base::duration> unsaid_until() const noexcept {
        return count_ == 0 ? std::nullopt : std::optional(said_.next());
    }

    /// The number that the log has not heard of, for the last line.
    std::uint64_t rest() noexcept { return std::exchange(count_, 0); }

  private:
    std::uint64_t count_ = 0;
    base::once_a_minute said_;
};

} // namespace aio::server
