#pragma once

// A network inside the test, without a socket of the system: names, servers that listen, clients
// that connect, and whatever goes wrong between them. It runs by the clock of its loops, so hours
// take no time, and by the seed of a simulation:
//
//     aio::testing::network net;
//     net.name("bank.example", {"10.0.0.1"});
//     net.usually(aio::testing::fate().late(20ms));
//     aio::testing::simulate(
//         "[server/bank]\nprotocol = my.bank\naddress = bank.example\nport = 4000\n"
//         "[client/bank]\nprotocol = my.teller\naddress = bank.example\nport = 4000\n",
//         [&](aio::app::app&) -> aio::task<void> {
//             co_await aio::sleep(1min);
//             net.reset();              // all connections
//             …
//         },
//         1000,
//         aio::testing::app_options(net)
//     );
//
// Servers of sections, beans and services listen in it, and clients of sections and
// aio::net::connect() connect in it: TCP, unix sockets and TLS. It has no datagrams.

#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/address.hpp>
#include <aio/net/connectivity.hpp>
#include <aio/testing/fate.hpp>
#include <aio/testing/toward.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace aio::testing {

class world;

/// Under a seed, each send and receive moves as many bytes as the seed says, and equal moments come
/// in any order. All loops that use it share one thread: those of a simulation, or a single loop.
class AIO_API network {
  public:
    network();
    network(const network&) = delete;
    network& operator=(const network&) = delete;
    ~network(); ///< what is open may live on

    /// The name stands for these addresses, the best one first. None: there is no such name, as for
    /// any name that was never given. `localhost` is known.
    /// Throws: std::invalid_argument for what is no address.
    void name(const std::string& name, const std::vector<std::string>& addresses);

    enum class names {
        answered,
        failing, ///< the resolver says that it cannot answer now
        silent,  ///< ETIMEDOUT after 10 s
    };

    /// How lookups go from now on; each takes `time`.
    void resolve(names how, base::duration time = {});

    /// What becomes of connections from now on, unless decide() says it.
    void usually(const fate& what);
    /// `by` is asked for each connection that a client begins, with the address it wants, and the
    /// number of connections begun before. An empty function: no longer.
    void decide(std::function<fate(const net::address& target, std::uint64_t number)> by);

    // What follows happens to all open connections at once.

    /// Both ends see a reset; what is on its way is lost.
    void reset();
    /// Nothing arrives this way any more, until resume().
    void stall(toward direction);
    void resume();
    /// Nothing arrives, nobody connects, and no name is resolved. Whoever waits for longer than
    /// fate::patience sees ETIMEDOUT.
    void part();
    void heal();

    /// Connections that a side of this process holds open, or that wait to be accepted.
    std::size_t connections() const noexcept;
    /// Connects that have begun, and have no end yet.
    std::size_t connecting() const noexcept;
    /// Addresses that are bound.
    std::size_t listeners() const noexcept;
    /// Connects that have begun so far.
    std::uint64_t begun() const noexcept;

    /// For net::dialing::use(); apps get it by app_options.
    std::shared_ptr<net::connectivity> seam() const noexcept;

  private:
    std::shared_ptr<world> world_;
};

} // namespace aio::testing
