#pragma once

// Which process groups have members that live. Needs /proc.

#include <aio/async/clock.hpp>
#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <ratio>
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

/// Looks at all processes of the system, once in each tenth of a second at most, for all questions
/// of one moment: a thousand processes that end one by one do not cost a thousand looks.
class AIO_API group_members {
  public:
    /// That of all processes of a loop.
    static group_members& of(async::loop& home);

    /// Whether a member of the group lives at `now`; false when /proc does not tell. Nothing: the
    /// look of this tenth of a second was at another moment; ask again at next_look().
    std::optional<bool> any(pid_t group, async::time_point now);

    /// The beginning of the next tenth of a second. All who ask again then share a look.
    static async::time_point next_look(async::time_point now) noexcept;

  private:
    using period = std::chrono::duration<std::int64_t, std::ratio<1, 10>>;

    void look();

    std::set<pid_t> living_;
    std::optional<async::time_point> looked_at_;
};

} // namespace aio::process
