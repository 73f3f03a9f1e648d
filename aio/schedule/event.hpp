#pragma once

// What a scheduled function is called with.

#include <aio/base/units.hpp>
#include <aio/service/context.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

namespace aio::schedule {

/// What an event can do to its schedule.
class control {
  public:
    virtual void stop_schedule() noexcept = 0;

  protected:
    ~control() = default;
};

/// Known as aio::scheduled_event: a context (name, section, options, log, app) that also knows the
/// run. Cheap to copy, valid as long as the app runs.
class event : public service::context {
  public:
    using wall_point = std::chrono::time_point<std::chrono::system_clock, base::duration>;

    /// One run of a schedule.
    struct occurrence {
        wall_point due;
        base::duration since_start{0};
        std::uint64_t run = 1;
        std::uint64_t missed = 0;

        occurrence() = default;
    };

    event(
        std::shared_ptr<const service::context_data> data,
        const occurrence& which,
        control& schedule
    )
        : context(std::move(data)), which_(which), schedule_(&schedule) {}

    /// The date when this run was due, without jitter and delays.
    wall_point due() const noexcept { return which_.due; }

    /// The time from the start of the schedule until this run was due: 0 s, 2 s, 4 s with `every =
    /// 2`.
    base::duration since_start() const noexcept { return which_.since_start; }

    /// The number of this run of the schedule, from 1.
    std::uint64_t run() const noexcept { return which_.run; }

    /// The number of later due runs that this run replaces.
    std::uint64_t missed() const noexcept { return which_.missed; }

    /// Ends the schedule: no further run starts. Runs in progress, including this one, go on to
    /// their end. On the schedule's loop.
    void stop_schedule() const noexcept { schedule_->stop_schedule(); }

  private:
    occurrence which_;
    control* schedule_;
};

} // namespace aio::schedule
