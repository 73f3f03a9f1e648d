#pragma once

// A bean that listens. `address` and `port` are arguments of its section, 127.0.0.1 and 9399 unless
// they are given; so are its limits, with the defaults of server::limits.

#include <aio/async/event.hpp>
#include <aio/base/api.hpp>
#include <aio/bean/simple_server.hpp>
#include <aio/config/schema.hpp>
#include <aio/net/stream.hpp>
#include <aio/server/limits.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::bean {

/// Lifted as aio::tcp_server.
///
/// Start: on_setup, it listens, on_start. Stop: on_signal, on_stop, the connections end,
/// on_cleanup. A signal during on_setup cancels on_setup, and the bean does not listen. Over a
/// restart its sockets stay bound, and clients wait in the backlog.
class AIO_API tcp_server : public simple_server {
  public:
    explicit tcp_server(const aio::bean::context& given);
    /// With limits of its own. A limit that is written in its section replaces one of them.
    tcp_server(const aio::bean::context& given, const server::limits& own);
    ~tcp_server() override;

    /// For the registration: the options of its section.
    static void declare_options(config::schema& schema);

  protected:
    /// Called before the server listens.
    /// Completes: when the derived class has finished; then the server listens.
    /// Loop: the bean's.
    /// Cancelled: by stop(), which follows a stop signal, and with the bean.
    /// Throws: an error is an error of the bean, and the server does not listen.
    virtual task<void> on_setup();
    /// Called when the server listens.
    /// Completes: when the derived class has finished; the server goes on.
    /// Loop: the bean's.
    /// Cancelled: by stop(), which follows a stop signal, and with the bean.
    /// Throws: an error is an error of the bean, and cancels the connections.
    virtual task<void> on_start();
    /// Called for SIGINT and SIGTERM, also before the server listens.
    /// Completes: when the derived class has finished; then on_stop() is called if the server
    /// listens, else stop().
    /// Loop: the bean's.
    /// Cancelled: when the bean has used up its stop_timeout.
    /// Throws: an error is an error of the bean; stop() is called, on_stop() is not.
    virtual task<void> on_signal(signal received);
    /// Called after on_signal() when the server listens. Open connections go on until it returns.
    /// When another bean has sent the signal, new connections are accepted until then, too; a stop
    /// of the app has ended that before.
    /// Completes: when the derived class has finished; then stop() is called.
    /// Loop: the bean's.
    /// Cancelled: when the bean has used up its stop_timeout.
    /// Throws: an error is an error of the bean; stop() is called.
    task<void> on_stop(signal received) override;
    /// Called last, when all connections have ended.
    /// Completes: when the derived class has finished; then the bean has ended.
    /// Loop: the bean's.
    /// Cancelled: never.
    /// Throws: an error is an error of the bean.
    virtual task<void> on_cleanup();
    /// Serves one connection.
    /// Completes: when the derived class has finished; then the connection is closed.
    /// Loop: the bean's.
    /// Cancelled: when the connection has not ended in the time for the stop.
    /// Throws: an error is logged, and the connection is closed.
    virtual task<void> serve(net::stream stream) = 0;
    /// The last word to a client that is refused at `max_connections`, with `when_full = refuse`:
    /// 4 KiB at most; empty: none. By default it is empty.
    /// Loop: the bean's.
    /// Throws: the client gets no word, and an ERROR is logged, at most once a minute. A
    /// base::mistake crashes the bean.
    virtual std::string refused() const;

    /// "127.0.0.1:9399", from on_start on.
    std::vector<std::string> endpoints() const;

  private:
    task<void> startup() final;
    task<void> run() final;
    task<void> cleanup() final;
    task<void> stop_by(signal received) final;

    server::limits limits() const;

    struct listening;
    std::optional<server::limits> limits_;
    std::unique_ptr<listening> listening_;
};

} // namespace aio::bean
