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
    std::size_t longest = 0; ///< that it ever was
    std::size_t most = 0;    ///< that it may be
    std::uint64_t drops = 0;
};

/// Of one name or pattern that somebody listens to, or that lost its last listener not long ago:
/// the counts of older ones are added up in a row of their own, "(names without listeners)". What
/// only patterns hear counts for the one of them that was there first.
struct signal_statistics {
    std::string name;
    std::uint64_t emits = 0;              ///< that somebody heard
    std::uint64_t deliveries = 0;         ///< calls of listeners, and events that came to a queue
    std::uint64_t errors = 0;             ///< of listeners
    std::uint64_t drops = 0;              ///< events that came to a full queue, or made room there
    std::vector<queue_statistics> queues; ///< of those that listen now
};

/// Behind it. An emit on the home loop counts in its audience first, without an atomic: see
/// audience::settle().
struct counters {
    std::atomic<std::uint64_t> emits{0};
    std::atomic<std::uint64_t> deliveries{0};
    std::atomic<std::uint64_t> errors{0};
    std::atomic<std::uint64_t> drops{0};
};

} // namespace aio::signal
