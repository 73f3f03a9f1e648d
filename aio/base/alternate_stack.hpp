#pragma once

// Memory for the signal handlers of one thread, so that a handler still runs when the stack of the
// thread has overflowed. The threads of aio have it; a thread that a module starts makes its own.

#include <aio/base/api.hpp>

#include <cstddef>

namespace aio::base {

/// While it lives, handlers of the calling thread that ask for it (SA_ONSTACK) run on memory of
/// their own. So the overflow of the thread's stack is reported as any other crash. Make it a local
/// variable at the beginning of the thread's function:
///
///     std::thread worker([] {
///         const aio::alternate_stack stack;
///         work();
///     });
///
/// Constructed and destroyed on that thread. Without memory, and on a thread that has such a stack
/// already, it does nothing. Never throws.
class AIO_API alternate_stack {
  public:
    alternate_stack() noexcept;
    alternate_stack(const alternate_stack&) = delete;
    alternate_stack& operator=(const alternate_stack&) = delete;
    ~alternate_stack();

  private:
    static constexpr std::size_t size = 128 * 1024;
    void* memory_ = nullptr;
};

} // namespace aio::base
