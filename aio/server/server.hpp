#pragma once

// The unit of a section [server/NAME]: binds its sockets, starts the server that the section names,
// stops it. The sockets stay bound over a restart: clients that connect meanwhile wait in the
// backlog.

#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/base/api.hpp>
#include <aio/log/logger.hpp>
#include <aio/server/factory.hpp>
#include <aio/server/handler.hpp>
#include <aio/server/spec.hpp>
#include <aio/server/tally.hpp>
#include <aio/service/runtime.hpp>
#include <aio/service/unit.hpp>

#include <sys/types.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::server {

struct bind_order;
struct bound;

/// A checked section together with what its names stand for.
struct plan_of_server {
    server::spec spec;
    std::optional<handler> protocol;
    factory build;      ///< empty: none
    std::string module; ///< its logger is that of the connections

    plan_of_server() = default;
};

class AIO_API server final : public service::unit {
  public:
    server(
        std::shared_ptr<const plan_of_server> plan, aio::service::runtime& app, async::loop& home
    );
    ~server() override;

    void prepare() override;
    std::vector<std::string> give_to(uid_t user, gid_t group) override;
    task<void> start() override;
    void expect_restart() noexcept override;
    void end_intake() noexcept override;
    void begin_stop() noexcept override;
    task<void> wait_stopped() override;
    void cancel() noexcept override;
    std::vector<std::string> unfinished() const override;
    std::vector<std::string> endpoints() const override;
    std::vector<aio::service::statistic> statistics() const override;

  private:
    const std::string& what() const noexcept;

    bind_order to_bind();
    task<void> bind_if_needed();
    void take(bound made);
    void unbind() noexcept;
    std::string failure(const std::exception_ptr& why) const;

    std::shared_ptr<const plan_of_server> plan_;
    aio::service::runtime& app_;
    async::loop& loop_;
    log::logger& log_;
    std::string label_;
    std::shared_ptr<builder::state> state_;
    uid_t bound_by_ = 0; ///< the user of the process at that time
    std::unique_ptr<handle> running_;
    tally counted_;
    async::task_group watching_; ///< the files of TLS
    bool keep_ = false;          ///< the stop that follows leaves the sockets bound
};

} // namespace aio::server
