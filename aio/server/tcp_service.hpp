#pragma once

// A service of the user's that listens:
//
//     struct web : aio::tcp_service {
//         web() : tcp_service("127.0.0.1", 8080) {}
//         aio::task<void> serve(aio::stream with) override;
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

/// Lifted as aio::tcp_service. Order: on_setup, it listens, on_listening; to stop: nobody is
/// accepted any more, reads that wait see the end, what is left of the stop's time is the
/// connections' to finish, then they are cancelled. The other hooks are as those of every service;
/// it serves on the loop it lives on. Its limits are those of its section, then those given to the
/// constructor, then the defaults of aio::server::limits.
class AIO_API tcp_service : public service::service {
  public:
    /// Where its options `address` and `port` say: 127.0.0.1 and 0 without them. A child has those
    /// of its parent's section.
    tcp_service();
    /// There, unless its section says otherwise by `address` or `port`; of a child it is this in
    /// any case. Port 0: one is picked, and kept over a restart.
    tcp_service(std::string address, std::int64_t port);
    /// With limits of its own. What its section says of a limit counts before them; of a child they
    /// count in any case, while a child without them has the limits of its parent's section.
    explicit tcp_service(const aio::server::limits& own);
    tcp_service(std::string address, std::int64_t port, const aio::server::limits& own);
    ~tcp_service() override;

    /// For the registration: what its section may say. Without defaults: a class may have its own.
    static void declare_options(config::schema& to);

    void end_intake() noexcept override;
    /// "127.0.0.1:8080", from on_listening on. On the service's loop.
    std::vector<std::string> endpoints() const override;
    std::vector<std::string> unfinished() const override;
    /// As those of a server: connections, accepted, received, sent.
    std::vector<aio::service::statistic> statistics() const override;

  protected:
    /// One connection; closed when this returns. An error closes it, too, and is logged.
    virtual task<void> serve(net::stream with) = 0;
    virtual task<void> on_setup();
    virtual task<void> on_listening();

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
    std::unique_ptr<handle> listening_;
    bool intake_ended_ = false;
    tally counted_;
};

} // namespace aio::server
