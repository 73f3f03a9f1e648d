#pragma once

// One of several processes has ended: what becomes of it, of its section and of the others. Nothing
// here waits.

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
        over,  ///< it has done its work
        again, ///< it alone starts again
        crash  ///< the section has crashed: its supervisor decides
    };
    kind what = kind::over;
    base::duration after{0}; ///< the back-off
    std::size_t count = 0;   ///< of its restarts in the window, this one included

    fate() = default;
};

/// With `restart` and a supervisor whose strategy concerns nobody else, each of several processes
/// has the restarts of that supervisor for itself; when it has used them up, the section crashes as
/// if the supervisor had given up.
class AIO_API comeback {
  public:
    /// `by`: the supervisor of the section.
    comeback(service::restart policy, service::supervisor_spec by, std::size_t of_many);

    /// Number `which` has ended `at` (counted from anywhere).
    fate on_end(std::size_t which, bool well, base::duration at, std::minstd_rand& jitter);

    /// As new: the section starts.
    void clear() noexcept;

    /// Each for itself.
    bool alone() const noexcept { return alone_; }

    const service::supervisor_spec& by() const noexcept { return by_; }

  private:
    service::restart policy_;
    service::supervisor_spec by_;
    bool alone_;
    std::vector<service::restart_window> windows_;
};

} // namespace aio::process
