#pragma once

// What is left of the process group of one child, and what of it aio has no right to signal: a
// set-user-id program, or the process of another user when aio lacks CAP_KILL. A signal to a group
// succeeds when one member takes it, so the others are found out one by one.

#include <aio/async/clock.hpp>
#include <aio/base/api.hpp>
#include <aio/process/group_members.hpp>

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace aio::process {

/// Loop's thread only.
class AIO_API group_rest {
  public:
    /// `all` has to outlive it.
    explicit group_rest(group_members& all) : all_(all) {}

    /// Begins with another group.
    void clear();

    /// group_members::any(). When it is true, the answers of the other functions are new.
    std::optional<bool> lives(pid_t group, async::time_point now);

    bool some_unreachable() const noexcept { return !unreachable_.empty(); }

    /// True when something is left, and nothing of that can be signalled.
    bool all_unreachable() const noexcept;

    /// Members that cannot be signalled; each one once, the first time it was seen.
    std::vector<member> new_unreachable();

    /// "the rest of the group of LEADER"; it names what cannot be signalled.
    std::string text(const std::string& leader) const;

    /// After the group was killed and its leader was waited for: what cannot be signalled and lives
    /// on. "pid 8 (rooted)"; "processes" where /proc does not show them, or did not at the last
    /// look; empty when there is nothing. Needs no look when aio has CAP_KILL and the system takes
    /// the signal.
    std::string left_behind(pid_t group, async::time_point now);

  private:
    group_members& all_;
    std::vector<member> living_, unreachable_;
    std::set<pid_t> told_;
};

} // namespace aio::process
