#pragma once

// What the parts of a network of a test share: its names, what is bound, and what is open. Private
// to testing/.

#include <aio/async/loop.hpp>
#include <aio/net/address.hpp>
#include <aio/net/bind.hpp>
#include <aio/net/connectivity.hpp>
#include <aio/net/connector.hpp>
#include <aio/net/resolver.hpp>
#include <aio/testing/fate.hpp>
#include <aio/testing/network.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace aio::testing {

class link;
class place;

class world final : public net::connectivity, public std::enable_shared_from_this<world> {
  public:
    world();

    net::resolver& resolver() noexcept override { return names_; }

    net::connector& connector() noexcept override { return dials_; }

    std::vector<net::endpoint> bind(const net::bind_request& request) override;

    /// Throws std::logic_error when loops of several threads use it.
    void check_thread();

    void name(const std::string& name, const std::vector<std::string>& addresses);
    /// Throws: std::system_error when it has none.
    std::vector<net::address>
    addresses_of(const std::string& name, std::uint16_t port, net::family wanted) const;

    fate fate_of(const net::address& target);
    /// Who listens there; nullptr: nobody.
    place* find(const net::address& target) const;

    void forget(const std::string& name) { places_.erase(name); }

    /// An address that a client connects from.
    net::address source_for(const net::address& target, const net::client_socket_options& options);

    std::uint64_t add(link& made);
    void remove(const link& gone) noexcept;
    void each(const std::function<void(link&)>& call);

    void part();
    void heal();

    bool parted() const noexcept { return parted_; }

    std::size_t open_links() const noexcept { return links_.size(); }

    std::size_t bound() const noexcept { return places_.size(); }

    testing::network::names lookups = testing::network::names::answered;
    base::duration lookup_time{0};
    fate usual;
    std::function<fate(const net::address&, std::uint64_t)> decide;
    std::uint64_t begun = 0;
    std::size_t attempts = 0; ///< without an end

  private:
    struct names final : net::resolver {
        explicit names(world& owner) : of(owner) {}

        task<std::vector<net::address>>
        resolve(std::string name, std::uint16_t port, net::family wanted) override;

        world& of;
    };

    struct dials final : net::connector {
        explicit dials(world& owner) : of(owner) {}

        std::unique_ptr<attempt> begin(
            async::loop& home,
            const net::address& target,
            const net::client_socket_options& options,
            outcome& told,
            std::size_t number
        ) override;

        world& of;
    };

    void bind_host(const std::string& host, std::uint16_t& port, std::vector<net::endpoint>& all);
    net::endpoint bind_at(const std::string& name, const net::address& at);
    std::uint16_t pick_port() noexcept;

    names names_{*this};
    dials dials_{*this};
    std::map<std::string, std::vector<net::address>> known_;
    std::map<std::string, place*> places_; ///< by the name of the endpoint
    std::map<std::uint64_t, link*> links_;
    std::uint64_t next_link_ = 0;
    std::uint16_t next_port_ = 0;
    std::uint16_t next_source_ = 0;
    std::thread::id only_;
    bool parted_ = false;
};

} // namespace aio::testing
