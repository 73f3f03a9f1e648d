#pragma once

// The unit of a section [client/NAME]: it keeps its connections up, and serves them by the protocol
// of the section. Without a protocol the section only says how to connect.

#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>
#include <aio/client/spec.hpp>
#include <aio/protocols/handler.hpp>
#include <aio/service/runtime.hpp>
#include <aio/service/unit.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::client {

class link;
struct shared;

/// A checked section together with what its names stand for.
struct plan_of_client {
    aio::client::spec spec;
    std::optional<protocols::handler> protocol;
    std::string module; ///< its logger is that of the connections

    plan_of_client() = default;
};

/// Ready with its first connection, unless `wait_connected = no`.
class AIO_API client final : public service::unit {
  public:
    client(
        std::shared_ptr<const plan_of_client> plan, aio::service::runtime& app, async::loop& home
    );
    ~client() override;

    task<void> start() override;
    void end_intake() noexcept override;
    void begin_stop() noexcept override;
    task<void> wait_stopped() override;
    void cancel() noexcept override;
    std::vector<std::string> unfinished() const override;
    std::vector<aio::service::statistic> statistics() const override;
    std::string condition() const override;
    bool acts_by_itself() const override;

  private:
    void crashed(std::exception_ptr why);
    void ended();

    std::unique_ptr<shared> all_;
    std::vector<std::unique_ptr<link>> links_;
    async::event ready_;        ///< the first connection is there, or the client has crashed
    std::exception_ptr failed_; ///< during the start
    bool starting_ = false;
};

} // namespace aio::client
