#pragma once

// Memory for the signal handlers of one thread, so that a handler still runs when the stack of the
// thread has overflowed.

#include <aio/base/api.hpp>

#include <cstddef>

namespace aio::base {

/// While it lives, handlers of the calling thread that ask for it (SA_ONSTACK) run on memory of
/// their own. Constructed and destroyed on that thread. Without memory, and under a sanitizer that
/// has such a stack already, it does nothing.
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
