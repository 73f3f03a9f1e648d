#pragma once

// A thread for a call that may never return, such as the lookup of a name by the system's resolver.

#include <aio/base/api.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

namespace aio::base {

/// Whoever has it decides how long to wait for the call. A call that has not returned by then is
/// left: its thread goes on by itself and ends with the call or with the process. So the call
/// has to own everything it touches. No other thread of aio is left.
class AIO_API leavable_thread {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Starts `call`, which throws nothing. Throws as start_thread().
    explicit leavable_thread(std::function<void()> call);
    leavable_thread(leavable_thread&&) noexcept;
    leavable_thread& operator=(leavable_thread&&) = delete;
    /// Leaves the thread if the call has not returned.
    ~leavable_thread();

    /// Waits until the call has returned.
    void join();
    /// The same until `end`. False: the call has not returned, and the thread may still be left.
    bool join_until(time_point end);

  private:
    struct state;
    std::shared_ptr<state> state_;
    std::thread thread_;
};

} // namespace aio::base
