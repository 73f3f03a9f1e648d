#pragma once

// What a bus counts.

#include <aio/base/api.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace aio::signal {

/// The queue of one listener, see listen_options::queue.
struct queue_statistics {
    std::string listener; ///< its name, else its label; may be empty
    std::size_t length = 0;
    std::size_t longest = 0; ///< its greatest length so far
    std::size_t most = 0;    ///< its maximum length
    std::uint64_t drops = 0;
};

/// The counts of one name or pattern that has listeners, or that lost its last listener not long
/// ago. The counts of older names are added up in one row, "(names without listeners)". An emit
/// that only patterns hear counts for the pattern that was listened to first.
struct signal_statistics {
    std::string name;
    std::uint64_t emits = 0;              ///< with at least one listener
    std::uint64_t deliveries = 0;         ///< calls of listeners, and events that came to a queue
    std::uint64_t errors = 0;             ///< of listeners
    std::uint64_t drops = 0;              ///< events that came to a full queue, or made room there
    std::vector<queue_statistics> queues; ///< of those that listen now
};

/// The counters behind it. An emit on the home loop counts in its audience first, without an
/// atomic: see audience::settle().
struct counters {
    std::atomic<std::uint64_t> emits{0};
    std::atomic<std::uint64_t> deliveries{0};
    std::atomic<std::uint64_t> errors{0};
    std::atomic<std::uint64_t> drops{0};
};

} // namespace aio::signal
