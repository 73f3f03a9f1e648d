#pragma once

// A client of a section's text without an app around it: planned as the app would, started on a
// loop that the test turns, against sockets of the test. Its clock moves only when pass() says so.

#include "../net/fixture.hpp"
#include "../support/planning.hpp"

#include <aio/client/kind.hpp>
#include <aio/net/socket.hpp>
#include <aio/protocols/registration.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace support {

struct module_of_protocols final : aio::protocols::declares {
    explicit module_of_protocols(aio::module::registry& registry) : registrar_(registry, "test") {}

    aio::module::registrar& registrar() noexcept override { return registrar_; }

    aio::module::registrar registrar_;
};

/// A listening socket of the test.
struct listening {
    explicit listening(const aio::net::address& where)
        : socket(aio::net::open_socket(where.raw()->sa_family, SOCK_STREAM)) {
        const int on = 1;
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (::bind(socket.get(), where.raw(), where.size()) != 0 ||
            ::listen(socket.get(), 100) != 0)
            throw std::system_error(errno, std::system_category(), "listen");
        at = aio::net::local_address(socket.get());
    }

    explicit listening(const char* literal = "127.0.0.1", std::uint16_t port = 0)
        : listening(*aio::net::address::parse(literal, port)) {}

    /// Nothing when nobody has come.
    std::optional<peer> look() const {
        aio::net::socket made(::accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
        return made ? std::optional<peer>(std::in_place, std::move(made)) : std::nullopt;
    }

    aio::net::socket socket;
    aio::net::address at;
};

struct client_fixture : by_hand {
    client_fixture() = default;

    aio::async::loop loop{"main", 0, time};
    std::exception_ptr failure; ///< the first error of a task
    aio::async::task_group group{loop, "", [this](std::string_view, std::exception_ptr why) {
                                     if (!failure)
                                         failure = std::move(why);
                                 }};
    aio::async::task_group turns{loop};

    aio::module::registry items;
    module_of_protocols module{items};
    test::noting_app app{loop};
    std::string problems;
    std::unique_ptr<aio::service::unit> client;

    /// The section [client/test] with this body; names are those of `module`: test.echo.
    void plan(const std::string& body) {
        problems = test::plan_sections(
            app,
            items,
            "client",
            "[client/test]\n" + body,
            [&](const aio::config::section& section, aio::service::planning& with) {
                if (const auto planned = aio::client::kind().plan(section, with))
                    client = planned->make(app, loop);
            }
        );
    }

    /// Starts it in a task; see finish().
    void begin(const std::string& body) {
        plan(body);
        if (!client)
            throw std::runtime_error(problems);
        client->becomes(aio::service::state::running);
        group.spawn("start", client->start());
    }

    /// The next one who connects.
    peer accept(const listening& from) {
        std::optional<peer> made;
        until([&] { return (made = from.look()).has_value(); });
        return std::move(*made);
    }

    /// Nobody connects, as far as the loop can tell.
    bool lonely(const listening& from) {
        settle();
        return !from.look();
    }

    /// Runs what is ready, timers that are due too.
    void turn() {
        const auto until_then = [](aio::async::virtual_clock& clock,
                                   aio::async::loop& at) -> aio::task<void> {
            co_await clock.settle();
            at.stop();
        };
        turns.spawn("settle", until_then(time, loop));
        loop.run();
    }

    /// Runs the loop until `done`, half a minute at most: then the test fails.
    void until(const std::function<bool()>& done) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        for (turn(); !done(); turn()) {
            if (std::chrono::steady_clock::now() > end)
                throw std::runtime_error("it was not done in time");
            ::usleep(200);
        }
    }

    /// Runs what is ready, and what loopback makes ready within a moment.
    void settle() {
        for (int i = 0; i < 10; ++i) {
            turn();
            ::usleep(500);
        }
    }

    void until_readable(peer& other) {
        until([&] { return other.readable(std::chrono::milliseconds(0)); });
    }

    /// Until every task has ended; rethrows the first error.
    void finish() {
        until([this] { return group.empty(); });
        if (failure)
            std::rethrow_exception(std::exchange(failure, nullptr));
    }

    void pass(aio::base::duration time_to_pass) {
        time.advance(time_to_pass);
        settle();
    }

    void until_logged(std::string_view part) {
        until([&] { return app.logged(part) != 0; });
    }

    double counted(std::string_view name) const {
        for (const aio::service::statistic& each : client->statistics())
            if (each.name == name)
                return each.value;
        return 0;
    }

    void stop() {
        client->begin_stop();
        group.spawn("stop", client->wait_stopped());
        finish();
    }

    ~client_fixture() {
        group.cancel();
        if (client) {
            client->cancel();
            group.spawn("stop", client->wait_stopped());
            try {
                until([&] { return group.empty(); });
            } catch (const std::exception& e) {
                BOOST_ERROR(std::string("stopping: ") + e.what());
            }
        }
        settle();
        client.reset();
    }
};

inline std::string to(const listening& server) {
    return "address = " + server.at.host() + "\nport = " + std::to_string(server.at.port()) + "\n";
}

inline aio::task<void> echo(aio::net::stream s) {
    while (auto data = co_await s.read())
        co_await s.write(data);
}

} // namespace support
