#pragma once

// One process of a section: starts it, logs its output and reports its end. It can be started
// again.

#include <aio/async/loop.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/log/logger.hpp>
#include <aio/net/gate.hpp>
#include <aio/net/poller.hpp>
#include <aio/process/child.hpp>
#include <aio/process/group_rest.hpp>
#include <aio/process/output.hpp>
#include <aio/process/spec.hpp>
#include <aio/service/runtime.hpp>

#include <memory>
#include <optional>
#include <string>

namespace aio::process {

/// Loop's thread only.
class AIO_API worker final : private net::watch, private async::timer {
  public:
    class owner {
      protected:
        ~owner() = default;

      private:
        friend class worker;
        /// Called when the process has ended and all its output is logged. It may be started again
        /// in this call, but not destroyed.
        virtual void worker_ended(worker& ended, pid_t pid, const ending& how) = 0;
    };

    worker(
        const spec& section,
        std::size_t index,
        owner& told,
        aio::service::runtime& app,
        async::loop& home
    );
    ~worker();

    /// Starts the process.
    /// Completes: when the program has begun.
    /// Loop: its own; the main loop makes the process.
    /// Cancelled: not; the call is short.
    /// Throws: launch_error; there is no process then.
    task<void> start();

    bool running() const noexcept { return static_cast<bool>(child_); }

    pid_t pid() const noexcept { return child_.pid(); }

    std::size_t index() const noexcept { return index_; }

    /// "web", or "web[2]" of several.
    const std::string& label() const noexcept { return label_; }

    /// Sends the stop signal of the section; a process that was held still goes on to receive it. A
    /// process that cannot be signalled is logged, here and in kill(). From here on the worker ends
    /// when the process and all members of its group have ended. Members that cannot be signalled
    /// are logged once the process has ended.
    void stop() noexcept;
    /// False when nothing that runs can be signalled. After it, only members of the group that
    /// cannot be signalled are waited for.
    bool kill() noexcept;
    /// "pid 4242 (/bin/cat) was sent SIGTERM, told to stop 2.1s ago".
    std::string text() const;

  private:
    enum class phase {
        runs,
        leaving,  ///< the system reports its end, but it cannot be waited for yet
        over,     ///< it has ended; whether members of its group live is asked at the next look
        outlived, ///< it has ended, members of its group have not; that was logged
    };

    void ready(std::uint32_t events) override;
    void fire() override;
    /// False: its end was not told to the owner yet.
    bool look();
    bool waits_for_group();
    void tell_outlived();
    void tell_unreachable();
    void tell_left_behind(pid_t group);
    void look_for_hold();
    void look_later();
    bool send(int signal) noexcept;
    void watch();
    void unwatch() noexcept;
    launch_request request() const;
    std::unique_ptr<output> log_lines(base::descriptor pipe, log::level level, const char* stream);

    const spec& spec_;
    std::size_t index_;
    owner& owner_;
    aio::service::runtime& app_;
    async::loop& loop_;
    group_rest rest_; ///< of its group, once it has ended
    log::logger& lines_;
    std::string label_;
    child child_;
    net::gate::held end_counted_;       ///< the end_descriptor() of the child
    net::poller* watched_by_ = nullptr; ///< the poller that watches the end of the process
    std::unique_ptr<output> output_, errors_;
    std::optional<async::time_point> told_; ///< when it was told to stop
    std::optional<int> sent_;               ///< the last signal of stop() and kill()
    int refused_ = 0;                       ///< why the process cannot be signalled: an errno
    phase phase_ = phase::runs;
    std::optional<int>
        held_by_; ///< the signal that has stopped it (SIGSTOP and the like), once that was logged
};

} // namespace aio::process
