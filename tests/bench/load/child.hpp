#pragma once

// A server that the load starts itself, because its first or its last moment is what is measured.

#include "clock.hpp"

#include <string>
#include <vector>

namespace bench {

/// A started program. Whatever happens, it is gone when this is: killed if it has not ended.
class child {
  public:
    /// Forks and executes; returns in the parent, `started()` is the moment before the fork.
    explicit child(const std::vector<std::string>& command);
    ~child();
    child(const child&) = delete;
    child& operator=(const child&) = delete;

    pid_t pid() const { return pid_; }

    nanoseconds started() const { return started_; }

    /// True once it has ended; never waits.
    bool ended();

    /// Waits until it has ended, at most `secs`; false if it has not.
    bool wait(double secs);

    /// Its exit status, or 128 + n when signal n ended it.
    int status() const;

    void signal(int number) const;

  private:
    nanoseconds started_;
    pid_t pid_;
    int raw_status_ = 0;
    bool ended_ = false;
};

} // namespace bench
