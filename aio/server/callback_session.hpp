#pragma once

// A connection served by callbacks. Private to server/.

#include <aio/server/session_over.hpp>

#include <cstddef>
#include <exception>
#include <string>

namespace aio::server {

class callback_session final : public session_over<net::transport_core> {
  public:
    using session_over::session_over;

    std::string unfinished() const override;

  private:
    // session_over
    void serve() noexcept override;
    void interrupt() noexcept override;

    void drop() noexcept override { delete this; }

    // session
    void silent(refusal why) noexcept override;

    // net::transport_core
    void over() noexcept override { delete this; }

    void crashed(std::exception_ptr why) noexcept override;
    void too_slow(std::size_t bytes, std::size_t files) noexcept override;
};

} // namespace aio::server
