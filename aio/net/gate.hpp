#pragma once

// Keeps descriptors of the process free of connections: files, answers of resolvers and other work
// need some, and processes that have ended need theirs to start again. An app has one gate for all
// its connections, accepted or made by its clients.
//
// The gate counts the free descriptors. So it does not matter which part of the process, or which
// library, has opened the others.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace aio::net {

/// What decides how many descriptors connections leave free.
struct descriptor_use {
    std::size_t in_use = 0;   ///< when everything was prepared and nothing had started
    std::size_t to_start = 0; ///< what units need at any time to start again: planned::descriptors
    std::size_t started = 0;  ///< of `to_start`, what the units hold now
    std::size_t always = 64;  ///< for other work: `[aio] reserve_files`

    descriptor_use() = default;
};

enum class connection_kind : std::uint8_t {
    accepted, ///< by a server
    outgoing, ///< made by a client
};

/// How many of the `limit` descriptors that a process may have stay free of connections.
/// - Always `use.always`, but a quarter of the limit at most. Outgoing connections leave a quarter
///   of that: they are work of the app itself, which has to go on while its servers are full.
/// - In addition what the units need to start again, so that clients cannot keep a child process
///   from its restart. What running units hold is in use, and they need only the rest
///   (`use.to_start` less `use.started`). Together they are half of the limit at most. The addition
///   shrinks where it would leave less than an eighth of the limit, beside what is in use, for
///   connections; the first part does not shrink.
constexpr std::size_t reserved_descriptors(
    std::size_t limit,
    const descriptor_use& use = {},
    connection_kind kind = connection_kind::accepted
) noexcept {
    const std::size_t most = std::min(limit / 4, use.always);
    const std::size_t always = kind == connection_kind::accepted ? most : most / 4;
    const std::size_t missing = use.to_start - std::min(use.to_start, use.started);
    const std::size_t wanted = std::min(always + missing, limit / 2);
    const std::size_t left = limit - std::min(limit, use.in_use + use.started + limit / 8);
    return std::max(always, std::min(wanted, left));
}

/// How many connections may follow a count of `free` descriptors, of which `reserved` stay free,
/// before the next count. A part of the surplus only: other work opens descriptors meanwhile.
constexpr std::size_t connections_per_count(std::size_t free, std::size_t reserved) noexcept {
    constexpr std::size_t few = 64;
    const std::size_t surplus = free - std::min(free, reserved);
    return surplus < few ? 0 : surplus / 4;
}

/// Counts the free descriptors of the process, `enough` of them at most. `open`: any open
/// descriptor. The cost depends on `enough`, not on the limit of the process.
AIO_API std::size_t free_descriptors(int open, std::size_t limit, std::size_t enough) noexcept;

/// From any thread.
class AIO_API gate {
  public:
    /// Descriptors that a unit holds and needs again for its next start. Counted as long as this
    /// lives. Hold them when they are open, and release them before they are closed: in between,
    /// connections leave more free, not less.
    class held {
      public:
        held() = default; ///< none

        held(gate& owner, std::size_t count) noexcept : owner_(&owner), count_(count) {
            owner.started_.fetch_add(count, std::memory_order_relaxed);
        }

        held(held&& from) noexcept
            : owner_(std::exchange(from.owner_, nullptr)), count_(from.count_) {}

        held& operator=(held&& from) noexcept {
            if (this != &from) {
                release();
                owner_ = std::exchange(from.owner_, nullptr);
                count_ = from.count_;
            }
            return *this;
        }

        ~held() { release(); }

        void release() noexcept {
            if (owner_)
                std::exchange(owner_, nullptr)
                    ->started_.fetch_sub(count_, std::memory_order_relaxed);
        }

      private:
        gate* owner_ = nullptr;
        std::size_t count_ = 0;
    };

    /// Called before the first unit starts; `use.started` is not read.
    void plan(const descriptor_use& use) noexcept { planned_ = use; }

    held hold(std::size_t count) noexcept { return {*this, count}; }

    descriptor_use now() const noexcept {
        descriptor_use use = planned_;
        use.started = started_.load(std::memory_order_relaxed);
        return use;
    }

    /// Whether one more connection leaves free what is reserved. An outgoing one is admitted once
    /// it has its socket. `open`: any open descriptor. `time`: of the loop that calls. When nothing
    /// at all is free, an accepted one is admitted: the system then tells why there is no
    /// connection.
    bool admits(int open, connection_kind kind, base::duration time) noexcept;

    /// How many descriptors accepted connections leave free now.
    std::size_t reserved() const noexcept;

  private:
    bool count(int open, connection_kind kind, base::duration time, std::uint64_t before) noexcept;

    descriptor_use planned_;
    std::atomic<std::size_t> started_{0};
    /// What the last count admits without another one, as a `grant` packs it.
    std::atomic<std::uint64_t> grant_{0};
};

} // namespace aio::net
