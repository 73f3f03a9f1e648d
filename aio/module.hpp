#pragma once

// What a module includes: the public names of aio, lifted into one namespace.
//
//     #include <aio/module.hpp>
//
//     aio::task<void> tick(aio::scheduled_event event) {
//         event.log().info("tick from {}", event.name());
//         co_return;
//     }
//
//     AIO_MODULE(my.example) {
//         module.schedule("tick", tick);
//     }

#include <aio/async/sleep.hpp>
#include <aio/async/task.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/base/units.hpp>
#include <aio/command/event.hpp>
#include <aio/command/registration.hpp>
#include <aio/listen/event.hpp>
#include <aio/listen/registration.hpp>
#include <aio/module/entry.hpp>
#include <aio/net/stream.hpp>
#include <aio/schedule/event.hpp>
#include <aio/schedule/registration.hpp>
#include <aio/server/context.hpp>
#include <aio/server/registration.hpp>
#include <aio/service/runtime.hpp>
#include <aio/signal/bus.hpp>
#include <aio/version.hpp>

namespace aio {

using namespace std::chrono_literals;

using base::choice;
using base::duration;
using base::list;
using base::rate;
using base::size;

using async::pool_full;
using async::sleep;
using async::sleep_until;

using command_event = command::event;
using scheduled_event = schedule::event;
using scheduled_result = schedule::result;
using signal_event = listen::event;

using net::address;
using net::chunk;
using net::datagram_protocol;
using net::datagram_transport;
using net::protocol;
using net::stream;
using net::transport;
using server_builder = server::builder;
using server_context = server::context;
using server_handle = server::handle;

using service::runtime;

/// Where a module registers what it offers: one member function per kind, each from its folder.
class module_builder final : public command::declares,
                             public listen::declares,
                             public schedule::declares,
                             public server::declares {
  public:
    module_builder(module::registry& to, std::string name) : registrar_(to, std::move(name)) {}

  private:
    module::registrar& registrar() noexcept override { return registrar_; }

    module::registrar registrar_;
};

} // namespace aio
