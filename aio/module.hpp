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

#include <aio/async/aborted.hpp>
#include <aio/async/event.hpp>
#include <aio/async/generator.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/base/alternate_stack.hpp>
#include <aio/base/units.hpp>
#include <aio/bean/context.hpp>
#include <aio/bean/line_reader.hpp>
#include <aio/bean/producer_consumer.hpp>
#include <aio/bean/registration.hpp>
#include <aio/bean/simple_server.hpp>
#include <aio/bean/tcp_server.hpp>
#include <aio/client/dialer.hpp>
#include <aio/command/event.hpp>
#include <aio/command/registration.hpp>
#include <aio/listen/event.hpp>
#include <aio/listen/registration.hpp>
#include <aio/module/entry.hpp>
#include <aio/net/connect.hpp>
#include <aio/net/relay.hpp>
#include <aio/net/stream.hpp>
#include <aio/protocols/context.hpp>
#include <aio/protocols/registration.hpp>
#include <aio/schedule/event.hpp>
#include <aio/schedule/registration.hpp>
#include <aio/server/limits.hpp>
#include <aio/server/registration.hpp>
#include <aio/server/tcp_service.hpp>
#include <aio/service/context.hpp>
#include <aio/service/figures.hpp>
#include <aio/service/graph.hpp>
#include <aio/service/registration.hpp>
#include <aio/service/runtime.hpp>
#include <aio/service/service.hpp>
#include <aio/signal/bus.hpp>
#include <aio/signal/typed.hpp>
#include <aio/sink/registration.hpp>
#include <aio/version.hpp>

namespace aio {

using namespace std::chrono_literals;

using base::alternate_stack;
using base::choice;
using base::duration;
using base::list;
using base::rate;
using base::size;

using async::event;
using async::generator;
using async::is_aborted;
using async::pool_full;
using async::sleep;
using async::sleep_until;

using bean_context = bean::context;
using bean_signal = bean::signal;
using bean::line_reader;
using bean::producer_consumer;
using bean::simple_server;
using bean::tcp_server;

using client::dialer;

using command_event = command::event;
using scheduled_event = schedule::event;
using scheduled_result = schedule::result;

using listen::signal_event;

using log_handler_section = log::handler_section;

using net::address;
using net::certificate;
using net::chunk;
using net::connect;
using net::connect_options;
using net::datagram_protocol;
using net::datagram_transport;
using net::end_reason;
using net::protocol;
using net::proxy_header;
using net::relay;
using net::relayed;
using net::stream;
using net::tls_alpn;
using net::tls_client;
using net::tls_verify;
using net::transport;

using protocols::client_context;
using protocols::server_context;

using server_builder = server::builder;
using server_limits = server::limits;
using server::tcp_service;
using server_handle = server::handle;

using service::own_loop;
using service::runtime;
using service_base = service::service;
using service_context = service::context;

using signal::scoped_connection;
template <typename... Args>
using typed_signal = signal::typed<Args...>;

/// Where a module registers what it offers: one member function per kind, each from its folder.
class module_builder final : public bean::declares,
                             public command::declares,
                             public listen::declares,
                             public protocols::declares,
                             public schedule::declares,
                             public server::declares,
                             public service::declares,
                             public sink::declares {
  public:
    module_builder(module::registry& registry, std::string name)
        : registrar_(registry, std::move(name)) {}

    /// What the module is for, in a sentence or two: `aio module show` prints it.
    void describe(std::string_view text) { registrar_.describe(text); }

  private:
    module::registrar& registrar() noexcept override { return registrar_; }

    module::registrar registrar_;
};

} // namespace aio
