#pragma once

// The unit of one section [bean/NAME]: runs a core once, delivers signals to it, and tells the app
// when it has ended.

#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/base/api.hpp>
#include <aio/bean/context.hpp>
#include <aio/bean/pod.hpp>
#include <aio/bean/registration.hpp>
#include <aio/config/options.hpp>
#include <aio/server/kept_sockets.hpp>
#include <aio/server/tally.hpp>
#include <aio/service/runtime.hpp>
#include <aio/service/unit.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::bean {

/// A checked section with the core it names.
struct job {
    service::common_spec common;
    config::options options;
    std::string module; ///< its logger is that of the bean
    std::string what;   ///< the dotted name of the core
    aio::bean::core core;

    job() = default;
};

/// On begin_stop() its handlers get the signal that the app was stopped by. The core is cancelled
/// when it has no handler for this signal, or when one of its handlers fails.
class AIO_API bean final : public service::unit {
  public:
    bean(std::shared_ptr<const job> what, service::runtime& app, async::loop& home);
    ~bean() override;

    task<void> start() override;
    void expect_restart() noexcept override;
    void end_intake() noexcept override;
    void begin_stop() noexcept override;
    task<void> wait_stopped() override;
    void cancel() noexcept override;
    std::vector<std::string> unfinished() const override;
    std::vector<std::string> listens_for() const override;
    std::vector<service::statistic> statistics() const override;

    std::size_t id() const noexcept { return id_; }

    async::loop& loop() const noexcept { return loop_; }

    /// From any loop.
    bool running() const noexcept { return running_; }

    const std::shared_ptr<pod>& in() const noexcept { return pod_; }

    // On its loop.
    std::uint64_t add_handler(std::string name, context::handler call);
    std::uint64_t at(stop_moment moment, std::function<void()> call);
    /// Removes a handler of either kind. Returns false when there is no handler with this number.
    bool remove_handler(std::uint64_t number) noexcept;
    /// Calls the handlers of this signal side by side.
    /// Completes: when all have ended, with their number.
    /// Loop: the bean's.
    /// Cancelled: the handlers are cancelled, and their ends are waited for.
    /// Throws: no error of a handler: it is logged.
    task<std::size_t> deliver(signal sent);
    /// Completes: when the core has ended, or at once when it has ended already.
    /// Loop: the bean's.
    /// Cancelled: the bean keeps running. Then operation_aborted.
    task<void> wait_ended();
    /// The figures of what it serves, over all its runs. The bean has statistics from the first
    /// call on.
    server::tally& counted();

    /// Whether it ends by itself and does not start again.
    bool ends_for_good() const noexcept;

    /// The sockets of what it serves, over its restarts.
    server::kept_sockets& kept() noexcept { return kept_; }

  private:
    struct listening {
        std::uint64_t number;
        std::string name;
        context::handler call;
    };

    struct hook {
        std::uint64_t number;
        stop_moment moment;
        std::function<void()> call;
    };

    task<void> run();
    task<void> stop_by(signal received);
    task<std::size_t> call_handlers(signal sent, std::exception_ptr& first_error);
    void failed(const std::exception_ptr& why);
    bool is_past(stop_moment moment) const noexcept;
    void call_hooks(stop_moment moment);
    void tell_end_of_intake() noexcept;
    void forget_handlers() noexcept;

    std::shared_ptr<const job> job_;
    service::runtime& app_;
    async::loop& loop_;
    log::logger& log_;
    std::shared_ptr<pod> pod_;
    std::size_t id_;
    std::shared_ptr<const service::context_data> data_;
    std::optional<async::task_group> group_;
    std::vector<listening> handlers_;
    std::vector<hook> hooks_;
    std::uint64_t numbers_ = 0;
    std::optional<server::tally> counted_;
    server::kept_sockets kept_;
    async::event ended_;
    std::atomic<bool> running_{false};
    bool restart_follows_ = false; ///< the next begin_stop() leaves the sockets bound
    bool intake_ended_ = false;
    bool stopping_ = false;
    bool cancelled_ = false; ///< cancelled because its time was over
};

} // namespace aio::bean
