#pragma once

// Connections to where a section [client/NAME] says, made by code:
//
//     aio::task<void> prices(aio::scheduled_event event) {
//         aio::stream bank = co_await event.use<aio::dialer>("bank").connect();
//         …
//     }

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/net/stream.hpp>
#include <aio/service/runtime.hpp>

#include <memory>
#include <string_view>
#include <utility>

namespace aio::client {

struct dialing_point;

/// Lifted as aio::dialer. Cheap to copy. From any loop, as long as the app runs.
class AIO_API dialer {
  public:
    /// That of [client/NAME]; `name` is NAME, or "client/NAME".
    /// Throws: base::mistake when there is no such section, or it is not enabled.
    static dialer of(const service::runtime& app, std::string_view name);

    explicit dialer(std::shared_ptr<dialing_point> point) : point_(std::move(point)) {}

    /// Connects with the options of the section. If several addresses are given, they are tried in
    /// turn, each with `connect_timeout`, and the one that has answered last is tried first.
    /// Completes: when one is connected.
    /// Loop: any; the stream belongs to it.
    /// Cancelled: at once; all sockets are closed. Then operation_aborted.
    /// Throws: std::system_error of the last address, see net::connect(); ECANCELED once the client
    /// is stopped; std::logic_error for a client of datagrams.
    task<net::stream> connect() const;

  private:
    std::shared_ptr<dialing_point> point_;
};

} // namespace aio::client
