#pragma once

// The standard server: lanes on one or several loops that speak one protocol. Private to server/.

#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/net/bind.hpp>
#include <aio/server/factory.hpp>
#include <aio/server/lane.hpp>
#include <aio/server/serving.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace aio::server {

class standard final : public handle {
  public:
    /// `loops`: at least one. Each endpoint has one socket for each loop, or one for all loops.
    /// `loan`: of `bound`, as long as this lives.
    standard(
        async::loop& home,
        const std::vector<async::loop*>& loops,
        std::vector<net::endpoint> bound,
        std::shared_ptr<serving> shared,
        std::shared_ptr<const void> loan = nullptr
    );

    task<void> start() override;
    void end_intake() noexcept override;
    void begin_stop() noexcept override;
    task<void> wait_stopped() override;
    void cancel() noexcept override;
    std::vector<std::string> endpoints() const override;
    std::vector<std::string> unfinished() const override;

    std::size_t connections() const override { return shared_->places.taken(); }

    std::size_t accepted() const override { return shared_->accepted; }

    std::uint64_t received() const override;
    std::uint64_t sent() const override;

    std::vector<service::statistic> refused() const override;

  private:
    enum class state { idle, started, stopping };

    void divide_places();

    async::loop& home_;
    std::vector<std::shared_ptr<lane>> lanes_;
    std::vector<net::endpoint> bound_; ///< without their sockets and listeners
    bool own_sockets_ = false;         ///< each lane has its own
    std::vector<lane_places> places_;  ///< by lane, until the start
    std::shared_ptr<serving> shared_;
    std::shared_ptr<const void> loan_;
    std::shared_ptr<async::event> stopped_ = std::make_shared<async::event>();
    state state_ = state::idle;
};

} // namespace aio::server
