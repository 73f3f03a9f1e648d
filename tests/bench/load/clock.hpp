#pragma once

// Time and other people's processor time.

#include <sys/types.h>

#include <cstdint>

namespace bench {

using nanoseconds = std::int64_t;

/// The monotonic clock.
nanoseconds now();

/// Processor time that process `pid` has used so far, all its threads together; fails if there is
/// no such process. 0 for pid 0.
nanoseconds cpu_time(pid_t pid);

/// Resident memory of process `pid` in bytes, exact (smaps_rollup, not the batched counters).
std::int64_t resident_memory(pid_t pid);

inline double seconds(nanoseconds time) {
    return static_cast<double>(time) / 1e9;
}

inline nanoseconds from_seconds(double time) {
    return static_cast<nanoseconds>(time * 1e9);
}

} // namespace bench
