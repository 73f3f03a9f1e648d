#pragma once

// The base class of services that listen:
//
//     struct web : aio::tcp_service {
//         web() : tcp_service("127.0.0.1", 8080) {}
//         aio::task<void> serve(aio::stream stream) override;
//     };

#include <aio/base/api.hpp>
#include <aio/config/schema.hpp>
#include <aio/net/stream.hpp>
#include <aio/server/factory.hpp>
#include <aio/server/limits.hpp>
#include <aio/server/tally.hpp>
#include <aio/service/service.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::server {

class kept_sockets;

/// Lifted as aio::tcp_service. It serves on the loop of the service.
///
/// Start: on_setup, it listens, on_listening. Stop: it accepts no more; a read that waits sees the
/// end; the connections have what is left of the stop's time to finish; then they are cancelled.
/// Over a restart its sockets stay bound, and clients wait in the backlog.
/// The other hooks are those of every service.
///
/// Its limits are those written in its section, then those given to the constructor, then the
/// defaults of aio::server::limits.
class AIO_API tcp_service : public service::service {
  public:
    /// Listens where the options `address` and `port` of its section say; by default 127.0.0.1
    /// and 0. A child has the section of its parent.
    tcp_service();
    /// Listens on this address and port. Options `address` and `port` that are written in its
    /// section replace them; a child has no section of its own. Port 0: one is picked, and kept
    /// over a restart.
    tcp_service(std::string address, std::int64_t port);
    /// With limits of its own. A limit that is written in its section replaces one of them. A child
    /// has these limits in any case; without them it has those of its parent's section.
    explicit tcp_service(const aio::server::limits& own);
    tcp_service(std::string address, std::int64_t port, const aio::server::limits& own);
    ~tcp_service() override;

    /// For the registration: the options of its section. They have no defaults, as the class may
    /// have values of its own.
    static void declare_options(config::schema& schema);

    void end_intake() noexcept override;
    /// "127.0.0.1:8080", from on_listening on. On the service's loop.
    std::vector<std::string> endpoints() const override;
    std::vector<std::string> unfinished() const override;
    /// The same as of a server: connections, accepted, received, sent, and the refused ones.
    std::vector<aio::service::statistic> statistics() const override;

  protected:
    /// Serves one connection.
    /// Completes: when the derived class has finished; then the connection is closed.
    /// Loop: the service's.
    /// Cancelled: when the connection has not ended in the time for the stop.
    /// Throws: an error is logged, and the connection is closed.
    virtual task<void> serve(net::stream stream) = 0;
    /// The last word to a client that is refused at `max_connections`, with `when_full = refuse`:
    /// 4 KiB at most; empty: none. By default it is empty.
    /// Loop: the service's.
    /// Throws: the client gets no word, and an ERROR is logged, at most once a minute. A
    /// base::mistake crashes the service.
    virtual std::string refused() const;
    /// Called before it listens, in place of on_start. The same contract as on_start of a service.
    virtual task<void> on_setup();
    /// Called when it listens. The same contract as on_start of a service.
    virtual task<void> on_listening();

    void close_kept() noexcept override;

  private:
    task<void> on_start() final;
    task<void> on_stop() final;
    bool written(std::string_view option) const;
    std::string address() const;
    std::uint16_t port() const;
    aio::server::limits limits() const;

    std::optional<std::string> address_;
    std::optional<std::int64_t> port_;
    std::optional<aio::server::limits> limits_;
    std::uint16_t picked_ = 0;
    std::unique_ptr<kept_sockets> kept_;
    std::unique_ptr<handle> listening_;
    bool intake_ended_ = false;
    tally counted_;
};

} // namespace aio::server
