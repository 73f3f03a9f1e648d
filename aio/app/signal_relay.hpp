#pragma once

// Process signals that reach a thread other than the watchdog's. Threads for blocking work do not
// block them, because the programs that such a thread starts would inherit that.

#include <aio/base/api.hpp>

#include <pthread.h>

#include <csignal>
#include <vector>

namespace aio::app {

/// While it lives, each of `signals` that a thread takes is sent to `receiver`. At most one in a
/// process. A signal that has a handler or is ignored is left alone. A program that is executed
/// gets the default action. So does a copy of the process that was forked and executes nothing.
class AIO_API signal_relay {
  public:
    signal_relay(pthread_t receiver, const sigset_t& signals);
    signal_relay(const signal_relay&) = delete;
    signal_relay& operator=(const signal_relay&) = delete;
    /// Sets the default action again. No thread may let these signals in any more.
    ~signal_relay();

  private:
    std::vector<int> caught_;
};

} // namespace aio::app
