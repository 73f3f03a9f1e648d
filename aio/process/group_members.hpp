#pragma once

// Which process groups have members that live. Needs a /proc of the PID namespace of aio.

#include <aio/async/clock.hpp>
#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <vector>

namespace aio::process {

/// What one line of /proc/PID/stat says about the group of a process.
struct group_member {
    pid_t group = 0;          ///< 0: the line cannot be read
    bool lives = false;       ///< it is no zombie
    std::string_view program; ///< the name of the process, a part of the line
};

/// Reads such a line. The name of the process, in brackets, may contain anything.
AIO_API group_member read_stat(std::string_view line) noexcept;

/// A process of a group.
struct member {
    pid_t pid = 0;
    std::string program; ///< as /proc names it: 15 characters at most

    /// "pid 42 (rooted)".
    AIO_API std::string text() const;
    /// False: this process has no right to signal it.
    AIO_API bool within_reach() const noexcept;
};

/// Why /proc does not tell which processes live: "/proc is not mounted". It may show those of
/// another PID namespace, whose numbers mean other processes here. Empty when it does tell.
AIO_API std::string fault_of_proc();

/// Looks at all processes of the system, once in each tenth of a second at most, for all questions
/// of one turn of the loop: a thousand processes that end one by one do not cost a thousand looks.
class AIO_API group_members {
  public:
    /// That of all processes of a loop.
    static group_members& of(async::loop& home);

    /// Whether a member of the group lives, by the look of this turn; without a loop, of `now`.
    /// False when /proc does not tell. Nothing: the look of this tenth of a second was an earlier
    /// one, or there were not enough descriptors for a look; ask again at next_look().
    std::optional<bool> any(pid_t group, async::time_point now);

    /// The members of the group that lived at the last look.
    std::vector<member> last_seen(pid_t group) const;

    /// fault_of_proc() for the first call; empty for all others.
    std::string new_fault();

    /// The beginning of the next tenth of a second. All groups that ask again then share a look.
    static async::time_point next_look(async::time_point now) noexcept;

  private:
    using period = std::chrono::duration<std::int64_t, std::ratio<1, 10>>;

    bool look(); ///< false: not at all processes, for a shortage (base/shortage)

    std::multimap<pid_t, member> living_; ///< by group
    std::optional<async::time_point> looked_at_;
    const async::activity* turns_ = nullptr; ///< of the loop; nullptr: there is none
    std::uint64_t looked_in_ = 0;            ///< the turn
    bool whole_ = true;                      ///< that look was at all processes
    bool asked_for_fault_ = false;
};

} // namespace aio::process
