#pragma once

#include <aio/module.hpp>

#include <cstddef>
#include <span>

namespace examples {

// The same as `echo` with callbacks instead of a coroutine. One object for each connection.
class echo_callback : public aio::protocol {
  public:
    void connection_made(aio::transport& transport) override { peer_ = &transport; }

    void data_received(std::span<const std::byte> data) override { peer_->write(data); }

  private:
    aio::transport* peer_ = nullptr;
};

} // namespace examples
