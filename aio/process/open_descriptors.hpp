#pragma once

// The descriptors a process has open, for a child that is about to become something else.

#include <aio/base/api.hpp>

#include <vector>

namespace aio::process {

/// Marks all descriptors from `first` on, so that exec closes them. Makes system calls only: it may
/// be called between fork and exec. Where close_range is refused (Linux before 5.9, filters of
/// system calls, emulated kernels), it walks /proc/self/fd; without /proc it walks the numbers up
/// to the limit of open files, 65,536 of them at most.
void close_on_exec(int first) noexcept;

/// The same, but closes them.
void close_all(int first) noexcept;

/// The numbers of the descriptors from `first` on that are open, in order. It finds them in the
/// same two ways. Not to be called between fork and exec: it allocates.
AIO_API std::vector<int> open_descriptors(int first);

} // namespace aio::process
