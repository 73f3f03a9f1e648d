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

/// Lifted as aio::tcp_server. Order: on_setup, listening, on_start; then on_signal, on_stop, the
/// connections end, on_cleanup. A signal during on_setup cancels it, and nothing listens.
class AIO_API tcp_server : public simple_server {
  public:
    explicit tcp_server(const aio::bean::context& given);
    /// With limits of its own; what its section says of a limit counts before them.
    tcp_server(const aio::bean::context& given, const server::limits& own);
    ~tcp_server() override;

    /// For the registration: what its section may say.
    static void declare_options(config::schema& to);

  protected:
    virtual task<void> on_setup();
    /// It listens.
    virtual task<void> on_start();
    /// SIGINT or SIGTERM has come, whatever is at work.
    virtual task<void> on_signal(signal by);
    /// The same, of a server that listens. What it has accepted goes on until this returns; sent by
    /// another bean it accepts until then, too, while a stop ends that before anything is heard.
    task<void> on_stop(signal by) override;
    virtual task<void> on_cleanup();
    /// One connection; closed when this returns.
    virtual task<void> serve(net::stream with) = 0;

    /// "127.0.0.1:9399", from on_start on.
    std::vector<std::string> endpoints() const;

  private:
    task<void> startup() final;
    task<void> run() final;
    task<void> cleanup() final;
    task<void> stop_by(signal what) final;

    server::limits limits() const;

    struct listening;
    std::optional<server::limits> limits_;
    std::unique_ptr<listening> listening_;
};

} // namespace aio::bean
