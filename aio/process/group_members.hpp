#pragma once

// Which process groups have members that live. Needs /proc.

#include <aio/async/clock.hpp>
#include <aio/base/api.hpp>

#include <sys/types.h>

#include <set>
#include <string_view>

namespace aio::process {

/// What one line of /proc/PID/stat says about the group of a process.
struct group_member {
    pid_t group = 0;    ///< 0: the line cannot be read
    bool lives = false; ///< it is no zombie
};

/// Reads such a line. The name of the process, in brackets, may contain anything.
AIO_API group_member read_stat(std::string_view line) noexcept;

/// Looks at all processes of the system, once for all questions of one moment.
class AIO_API group_members {
  public:
    /// Whether a member of the group lives at `now`. False when /proc does not tell.
    bool any(pid_t group, async::time_point now);

  private:
    std::set<pid_t> living_;
    async::time_point looked_at_ = async::time_point::min();
};

} // namespace aio::process
