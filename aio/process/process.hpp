#pragma once

// The unit of a section [process/NAME]: one child process, or `count` of them.
//
// The children are made on the main loop, whatever loop the unit lives on: the system kills a child
// when the thread that made it ends, and the main thread ends last. So no child outlives aio,
// however aio ends. What a child has started itself is killed with it as long as it is a member of
// the child's process group and `stop_group` says so: by this unit when the child has ended (in a
// stop, when its time is over), by the guard when aio has ended.

#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/base/api.hpp>
#include <aio/process/comeback.hpp>
#include <aio/process/spec.hpp>
#include <aio/process/worker.hpp>
#include <aio/service/runtime.hpp>
#include <aio/service/unit.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace aio::process {

/// Ready when every child has begun. One of several that ends starts again alone as long as
/// comeback allows it. A failure beyond that crashes the unit and stops the other children. When
/// all have ended well, the unit has ended.
class AIO_API process final : public service::unit, private worker::owner, private async::timer {
  public:
    process(std::shared_ptr<const spec> section, aio::service::runtime& app, async::loop& home);
    ~process() override;

    task<void> start() override;
    void begin_stop() noexcept override;
    task<void> wait_stopped() override;
    void cancel() noexcept override;
    std::vector<std::string> unfinished() const override;
    std::vector<aio::service::statistic> statistics() const override;

    /// The process ids of the children that run, in the order of their index.
    std::vector<pid_t> pids() const;

    /// How the last child that ended did so; nothing before.
    const std::optional<ending>& last_ending() const noexcept { return last_; }

  private:
    /// In order, until the next start.
    enum class phase { running, stopping, killing };

    void worker_ended(worker& ended, pid_t pid, const ending& how) override;
    void fire() override;
    task<void> start_all();
    task<void> begin(worker& next);
    void consider(worker& ended, result how, std::string said);
    task<void> consider_later(worker& ended, std::string said);
    task<void> bring_back(worker& again, base::duration after);
    void stop_begun() noexcept;
    [[noreturn]] void throw_failed_start();

    bool told_to_stop() const noexcept { return phase_ != phase::running; }

    void stop_all(std::optional<base::duration> then_kill_after) noexcept;
    void kill_all() noexcept;
    void report_end(const std::exception_ptr& failed);
    void note_end(const worker& ended, result how, const std::string& said, const fate& next);
    std::string limit() const;
    bool busy() const noexcept;
    void idle() noexcept;

    std::shared_ptr<const spec> spec_;
    aio::service::runtime& app_;
    async::loop& loop_;
    log::logger& log_;
    std::string label_;
    std::vector<std::unique_ptr<worker>> workers_;
    comeback comeback_;
    std::minstd_rand jitter_;
    async::task_group returning_;
    std::size_t coming_ = 0; ///< processes that are about to start again, or to be considered
    async::event idle_;      ///< set when no process runs or is about to start
    std::optional<ending> last_;
    std::size_t started_ = 0; ///< processes in all
    std::size_t failures_ = 0;
    std::exception_ptr failed_; ///< why a process failed during the start
    bool starting_ = false;     ///< start() is at work, and reports the failures; also in a stop
    phase phase_ = phase::running;
};

} // namespace aio::process
