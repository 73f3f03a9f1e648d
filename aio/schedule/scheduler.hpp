#pragma once

// The unit of a section [schedule/NAME]: it waits, calls a function, and repeats. While it waits it
// is one entry in its loop's timers. Each run is a coroutine that is started inline.

#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/start_inline.hpp>
#include <aio/base/api.hpp>
#include <aio/base/once_a_minute.hpp>
#include <aio/schedule/event.hpp>
#include <aio/schedule/next_fire.hpp>
#include <aio/schedule/overlap.hpp>
#include <aio/schedule/phase.hpp>
#include <aio/schedule/registration.hpp>
#include <aio/schedule/spec.hpp>
#include <aio/service/runtime.hpp>
#include <aio/service/unit.hpp>

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

namespace aio::schedule {

/// A spec with the functions it names.
struct job {
    schedule::spec spec;
    std::string module; ///< its logger is that of the events
    schedule::function function;
    callback cb, err;

    job() = default;
};

/// A stop cancels the runs at work (terminal) unless the section has `shield = yes`. wait_stopped()
/// completes when the last run has ended.
class AIO_API scheduler final : public service::unit,
                                private control,
                                private async::timer,
                                private async::loop::wall_watch {
  public:
    scheduler(std::shared_ptr<const job> plan, aio::service::runtime& app, async::loop& home);
    ~scheduler() override;

    task<void> start() override;
    void end_intake() noexcept override;
    void begin_stop() noexcept override;
    task<void> wait_stopped() override;
    void cancel() noexcept override;
    std::vector<std::string> unfinished() const override;
    std::vector<service::statistic> statistics() const override;

  private:
    using wall_point = event::wall_point;
    class run;

    void fire() override;
    void wall_set() override;
    base::duration follow_clock(by_calendar& plan, const timetable::moment& now);
    void stop_schedule() noexcept override;

    void plan_next();
    event::occurrence take(async::time_point now);
    void act(const event::occurrence& due, async::time_point now);
    void warn_of_overlap();
    void begin(const event::occurrence& which, async::time_point now);
    void function_ended(run& done, std::exception_ptr why);
    void tell_if_cut_off(const run& done, const std::exception_ptr& why);
    on_error effect_of(const std::exception_ptr& why) const;
    void failed(const run& done);
    void callback_ended(run& done, std::exception_ptr why);
    void ended(run& done);
    void note(change what) noexcept;
    void rest() noexcept;

    const spec& of() const noexcept { return job_->spec; }

    // The members that every run reads are next to each other, apart from the spec: with thousands
    // of schedules, nothing of a schedule is in the cache when its next run is due.
    async::loop& loop_;
    async::time_point start_{};
    async::time_point planned_{}; ///< when the timer fires
    std::uint64_t runs_ = 0;
    base::duration latest_{0};                  ///< the longest delay of a run so far
    std::vector<std::unique_ptr<run>> running_; ///< oldest first
    std::unique_ptr<run> spare_;
    base::duration jitter_;
    const callback* cb_; ///< nullptr: none
    const callback* err_;
    bool timed_; ///< runs have a timeout
    phase phase_ = phase::resting;
    schedule::function function_;
    std::optional<event::occurrence> waiting_;
    std::variant<std::monostate, periodic, by_calendar> plan_;

    std::shared_ptr<const job> job_;
    aio::service::runtime& app_;
    log::logger& log_;
    aio::service::context_data data_;
    std::minstd_rand random_;
    base::once_a_minute warning_; ///< of overlaps
    std::uint64_t failures_ = 0;
    async::event idle_; ///< set while it rests
};

} // namespace aio::schedule
