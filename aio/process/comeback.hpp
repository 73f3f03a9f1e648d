#pragma once

// Decides what follows when one of several processes has ended. Pure.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/service/supervision.hpp>
#include <aio/service/unit.hpp>

#include <cstddef>
#include <random>
#include <vector>

namespace aio::process {

struct fate {
    enum class kind {
        over,  ///< it stays ended
        again, ///< it alone starts again
        crash  ///< the section has crashed, and its supervisor decides
    };
    kind what = kind::over;
    base::duration after{0}; ///< the back-off
    std::size_t count = 0;   ///< of its restarts in the window, including this one

    fate() = default;
};

/// How a process has ended.
enum class result { success, failure };

/// With `restart` and the strategy one_for_one, each of several processes has all restarts of the
/// supervisor for itself. When it has used them up, the section crashes as if the supervisor had
/// given up.
class AIO_API comeback {
  public:
    comeback(service::restart policy, service::supervisor_spec supervisor, std::size_t count);

    /// Process `index` has ended at the time `now` (counted from anywhere).
    fate on_end(std::size_t index, result how, base::duration now, std::minstd_rand& jitter);

    /// The section starts: all restarts are forgotten.
    void clear() noexcept;

    /// Each process has restarts for itself.
    bool alone() const noexcept { return alone_; }

    const service::supervisor_spec& by() const noexcept { return by_; }

  private:
    service::restart policy_;
    service::supervisor_spec by_;
    bool alone_;
    std::vector<service::restart_window> windows_;
};

} // namespace aio::process
