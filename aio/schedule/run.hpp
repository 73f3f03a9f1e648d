#pragma once

// One run of a schedule: the function at work, then the callback. Private to schedule/.

#include <aio/async/aborted.hpp>
#include <aio/async/start_inline.hpp>
#include <aio/schedule/scheduler.hpp>

#include <any>
#include <exception>

namespace aio::schedule {

/// Keeps the result of the function, and handles its end. The scheduler reuses it.
class scheduler::run final : private async::keeper, private async::timer {
  public:
    explicit run(scheduler& owner) noexcept : of_(owner) {}

    ~run();

    /// Calls the function. The run may have ended when one of these two returns.
    void call(const event::occurrence& due, async::time_point now);
    void call_back(const callback& told, base::duration took);

    void cancel() noexcept;

    /// Cancels a run that has the promise to come to its end.
    void cut_off() noexcept {
        cut_off_ = !cancelled_;
        cancel();
    }

    /// Whether the error `why` is the end of such a run by its cut-off.
    bool was_cut_off(const std::exception_ptr& why) const {
        return cut_off_ && async::is_aborted(why);
    }

    /// The error of a run. A timeout is an error; the end of a cancelled run is not.
    std::exception_ptr judge(std::exception_ptr why) const;

    void disarm() noexcept { of_.loop_.remove_timer(*this); }

    const async::task_node* node() const noexcept { return runner_; }

    event::occurrence which;
    async::time_point started{};
    std::any value;
    std::exception_ptr error;

  private:
    enum class phase { function, callback };

    void ended(async::runner& runner, std::exception_ptr why) noexcept override;
    void fire() override;
    void show_as(async::task_node& shown) const;
    template <typename Argument>
    void dispatch(const callable<Argument>& function, Argument argument);
    void proceed(task<void> work);
    void over(std::exception_ptr why);

    scheduler& of_;
    async::runner* runner_ = nullptr;
    phase phase_ = phase::function;
    bool cancelled_ = false;
    bool cut_off_ = false;
    bool timed_out_ = false;
};

} // namespace aio::schedule
