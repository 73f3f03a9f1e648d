#pragma once

// The unit of one section [process/NAME]: a child process, or `count` of them.
//
// The children are made on the main loop, whatever loop the unit lives on: the system kills a child
// when the thread that made it ends, and the main thread ends last. So no child outlives aio,
// whatever ends it. What a child has started itself is killed with it as long as it is a member of
// the child's process group and `stop_group` says so: by this unit when the child has ended, by the
// guard when aio has.

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

/// Ready when every child has begun. One of several that ends starts again alone, as long as
/// comeback allows; a failure beyond that crashes the unit, which stops the others. When all have
/// ended well, so has the unit.
class AIO_API process final : public service::unit, private worker::owner, private async::timer {
  public:
    process(std::shared_ptr<const spec> what, aio::service::runtime& app, async::loop& at);
    ~process() override;

    task<void> start() override;
    void begin_stop() noexcept override;
    task<void> wait_stopped() override;
    void cancel() noexcept override;
    std::vector<std::string> unfinished() const override;
    std::vector<aio::service::statistic> statistics() const override;

    /// Of those that run, in the order of their index.
    std::vector<pid_t> pids() const;

    /// How the child that ended last did; nothing before.
    const std::optional<ending>& last_ending() const noexcept { return last_; }

  private:
    void worker_ended(worker& one, pid_t pid, const ending& how) override;
    void fire() override;
    task<void> start_all();
    task<void> begin(worker& one);
    void consider(worker& one, bool well, std::string said);
    task<void> consider_later(worker& ended, std::string said);
    task<void> bring_back(worker& one, base::duration after);
    void stop_all(std::optional<base::duration> then_kill_after) noexcept;
    void kill_all() noexcept;
    void report_end(const std::exception_ptr& failed);
    void note_end(const worker& one, bool well, const std::string& said, const fate& next);
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
    async::event idle_;      ///< none runs, and none is about to
    std::optional<ending> last_;
    std::size_t started_ = 0; ///< processes, in all
    std::size_t failures_ = 0;
    std::exception_ptr failed_; ///< why, while starting
    bool starting_ = false;
    bool stopping_ = false;
    bool killing_ = false;
    bool used_up_ = false; ///< one of them has had all its restarts
};

} // namespace aio::process
