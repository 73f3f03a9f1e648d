#pragma once

// A connection served by a coroutine. Private to server/.

#include <aio/async/start_inline.hpp>
#include <aio/server/session_over.hpp>

#include <exception>
#include <string>
#include <utility>

namespace aio::server {

class stream_session final : public session_over<net::stream_core>,
                             private async::source,
                             private async::keeper {
  public:
    using session_over::session_over;

    std::string unfinished() const override;

  private:
    // session_over
    void serve() override;
    void interrupt() noexcept override;

    void drop() noexcept override { let_go(); }

    // net::stream_core
    void lingered() noexcept override { leave_lane_when_over(); }

    // async::source and async::keeper
    bool next(task<void>& into) noexcept override;

    void failed(std::exception_ptr why) noexcept override { why_ = std::move(why); }

    void ended(async::runner& runner, std::exception_ptr why) noexcept override;

    void over(std::exception_ptr why) noexcept;
    void leave_lane_when_over() noexcept;

    async::runner* runner_ = nullptr;
    std::exception_ptr why_;
    bool asked_ = false;
};

} // namespace aio::server
