#pragma once

#include <aio/module.hpp>

#include <cstddef>
#include <span>

namespace examples {

// One object for the socket and all its peers.
class echo_datagram : public aio::datagram_protocol {
  public:
    void connection_made(aio::datagram_transport& transport) override { socket_ = &transport; }

    void datagram_received(std::span<const std::byte> data, const aio::address& from) override {
        socket_->send_to(data, from);
    }

  private:
    aio::datagram_transport* socket_ = nullptr;
};

} // namespace examples
