#include <aio/app/app.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/net/connect.hpp>
#include <aio/net/dialing.hpp>
#include <aio/net/error.hpp>
#include <aio/net/stream.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/case.hpp>
#include <aio/testing/network.hpp>
#include <aio/testing/run_app.hpp>
#include <aio/testing/simulate.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

using namespace aio;
using namespace std::chrono_literals;
using testing::fate;
using testing::fault;
using testing::toward;

namespace {

const std::string quiet = "[logger_root]\nhandlers =\n";

const std::string echo_server = quiet + "[server/echo]\nprotocol = aio.examples.echo\n"
                                        "address = bank.example\nport = 4000\n";

/// A network with the bank in it.
struct town : testing::network {
    town() { name("bank.example", {"10.0.0.1"}); }

    /// Runs the echo server of the bank, and `body` beside it, under some seeds.
    void run(std::function<task<void>()> body, std::size_t seeds = 100) {
        testing::simulate(
            echo_server,
            [body](app::app&) -> task<void> { co_await body(); },
            seeds,
            testing::app_options(*this)
        );
        BOOST_TEST(connections() == 0u);
        BOOST_TEST(connecting() == 0u);
        BOOST_TEST(listeners() == 0u);
    }
};

async::time_point now(async::loop& home) {
    return home.time().now();
}

task<int> error_of(task<net::stream> dial) {
    try {
        co_await std::move(dial);
        co_return 0;
    } catch (const std::system_error& e) {
        co_return e.code().value();
    }
}

task<std::string> ask(net::stream& bank, std::string text) {
    co_await bank.write(text);
    std::string answer(text.size(), '\0');
    co_await bank.read_exactly(std::as_writable_bytes(std::span(answer)));
    co_return answer;
}

} // namespace

BOOST_AUTO_TEST_SUITE(network_)

BOOST_AUTO_TEST_CASE(a_server_and_a_client_meet_by_name_and_no_byte_is_lost) {
    town net;
    net.run([]() -> task<void> {
        net::stream bank = co_await net::connect("bank.example:4000");
        BOOST_TEST(bank.peer().text() == "10.0.0.1:4000");
        BOOST_TEST(bank.local().host() == "10.255.0.1");
        BOOST_TEST(co_await ask(bank, "hello") == "hello");
        std::string much;
        for (int i = 0; i < 50'000; ++i)
            much += static_cast<char>('a' + i % 23);
        BOOST_TEST((co_await ask(bank, much) == much));
        co_await bank.shutdown();
        BOOST_TEST(co_await bank.read_to_end() == "");
    });
}

BOOST_AUTO_TEST_CASE(bytes_take_the_time_that_the_network_says) {
    town net;
    net.usually(fate().late(50ms).slow(1000));
    net.run(
        []() -> task<void> {
            async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
            const auto begun = now(home);
            net::stream bank = co_await net::connect("bank.example:4000");
            BOOST_TEST((now(home) - begun == 100ms));
            co_await ask(bank, std::string(2000, 'x'));
            const auto took = now(home) - begun;
            BOOST_TEST((took >= 2200ms && took < 2400ms), took.count());
        },
        20
    );
}

BOOST_AUTO_TEST_CASE(a_client_is_refused_or_left_without_an_answer) {
    town net;
    net.run(
        [&]() -> task<void> {
            BOOST_TEST(co_await error_of(net::connect("bank.example:1")) == ECONNREFUSED);
            BOOST_TEST(co_await error_of(net::connect("10.0.0.2:4000")) == ECONNREFUSED);
            net.usually(fate().refuses());
            BOOST_TEST(co_await error_of(net::connect("bank.example:4000")) == ECONNREFUSED);
            net.usually(fate().keeps_silent());
            BOOST_TEST(co_await error_of(net::connect("bank.example:4000")) == ETIMEDOUT);
            net.usually({});
            BOOST_TEST(co_await error_of(net::connect("bank.example:4000")) == 0);
        },
        10
    );
}

BOOST_AUTO_TEST_CASE(names_are_missing_slow_or_silent) {
    town net;
    using names = testing::network::names;
    net.run(
        [&]() -> task<void> {
            async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
            const auto code = [](const char* where) -> task<std::error_code> {
                try {
                    co_await net::connect(where);
                } catch (const std::system_error& e) {
                    co_return e.code();
                }
                co_return std::error_code();
            };
            BOOST_TEST((co_await code("nobody.example:1") != std::error_code()));
            net.resolve(names::answered, 3s);
            const auto begun = now(home);
            BOOST_TEST((co_await code("bank.example:4000") == std::error_code()));
            BOOST_TEST((now(home) - begun >= 3s));
            net.resolve(names::failing);
            BOOST_TEST((co_await code("bank.example:4000") != std::error_code()));
            net.resolve(names::silent);
            BOOST_TEST((co_await code("bank.example:4000")).value() == ETIMEDOUT);
            net.resolve(names::answered);
        },
        10
    );
}

BOOST_AUTO_TEST_CASE(a_connection_breaks_where_the_script_says) {
    town net;
    const auto received = [](net::stream& from, int& error) -> task<std::string> {
        std::string all;
        try {
            while (const auto more = co_await from.read())
                all.append(reinterpret_cast<const char*>(more.data()), more.size());
        } catch (const std::system_error& e) {
            error = e.code().value();
        }
        co_return all;
    };
    const auto told = [&](fate what, std::string& got, int& error) -> task<void> {
        net.usually(what);
        net::stream bank = co_await net::connect("bank.example:4000");
        error = 0;
        try {
            co_await bank.write("0123456789");
        } catch (const std::system_error& e) {
            error = e.code().value();
        }
        got = co_await received(bank, error);
    };
    net.run([&]() -> task<void> {
        std::string got;
        int error = 0;
        co_await told(fate().breaks(toward::client, fault::reset, 4), got, error);
        BOOST_TEST(got.size() <= 4u);
        BOOST_TEST(error == ECONNRESET);
        co_await told(fate().breaks(toward::client, fault::end, 4), got, error);
        BOOST_TEST(got == "0123");
        BOOST_TEST(error == 0);
        co_await told(fate().breaks(toward::server, fault::cut, 7), got, error);
        BOOST_TEST(std::string("0123456").starts_with(got));
        BOOST_TEST(error == ETIMEDOUT);
        net.usually({});
    });
}

BOOST_AUTO_TEST_CASE(a_stall_and_a_parting_end) {
    town net;
    net.run([&]() -> task<void> {
        async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
        net::stream bank = co_await net::connect("bank.example:4000");
        BOOST_TEST(co_await ask(bank, "a") == "a");
        const auto later = [&](base::duration pause, std::function<void()> what) -> task<void> {
            co_await sleep(pause);
            what();
        };
        async::task_group group(home);
        for (const bool parts : {false, true}) {
            if (parts)
                net.part();
            else
                net.stall(toward::client);
            const auto begun = now(home);
            group.spawn("later", later(5s, [&] {
                            if (parts)
                                net.heal();
                            else
                                net.resume();
                        }));
            BOOST_TEST(co_await ask(bank, "b") == "b");
            BOOST_TEST((now(home) - begun >= 5s));
            co_await group.join();
        }
        net.part();
        BOOST_TEST(co_await error_of(net::connect("10.0.0.1:4000")) == ETIMEDOUT);
        int error = 0;
        try {
            co_await ask(bank, "c");
        } catch (const std::system_error& e) {
            error = e.code().value();
        }
        BOOST_TEST(error == ETIMEDOUT);
        net.heal();
        bank = co_await net::connect("bank.example:4000");
        BOOST_TEST(co_await ask(bank, "d") == "d");
        net.reset();
        error = 0;
        try {
            co_await bank.read();
        } catch (const std::system_error& e) {
            error = e.code().value();
        }
        BOOST_TEST(error == ECONNRESET);
    });
}

// A close with data that was not read is a reset, not an end.
BOOST_AUTO_TEST_CASE(turmoil_269_a_peer_that_closes_without_reading_resets) {
    town net;
    net.run([&]() -> task<void> {
        std::string never_read(5, 'x');
        net::stream bank = co_await net::connect("bank.example:4000");
        co_await bank.write(never_read);
        co_await sleep(1s); // the echo is there
        bank.close();
        co_await sleep(1s);
        BOOST_TEST(net.connections() == 0u); // the server has seen the reset, and waits for nothing
    });
}

// A network that falls apart delays what was sent, also what is on its way; it takes no piece out.
BOOST_AUTO_TEST_CASE(moonpool_183_202_a_parting_takes_no_byte_out_of_a_stream) {
    town net;
    net.usually(fate().late(100ms, 50ms));
    net.run([&]() -> task<void> {
        async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
        net::stream bank = co_await net::connect("bank.example:4000");
        std::string much;
        for (int i = 0; i < 40'000; ++i)
            much += static_cast<char>('a' + i % 19);
        const auto parts = [&]() -> task<void> {
            for (int i = 0; i < 5; ++i) {
                co_await sleep(30ms);
                net.part();
                co_await sleep(500ms);
                net.heal();
            }
        };
        const auto begun = now(home);
        async::task_group group(home);
        group.spawn("parts", parts());
        BOOST_TEST((co_await ask(bank, much) == much));
        BOOST_TEST((now(home) - begun >= 500ms));
        co_await group.join();
    });
}

BOOST_AUTO_TEST_CASE(moonpool_203_nobody_connects_through_a_parting) {
    town net;
    net.run([&]() -> task<void> {
        async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
        net.part();
        const auto heals = [&]() -> task<void> {
            co_await sleep(3s);
            net.heal();
        };
        async::task_group group(home);
        group.spawn("heals", heals());
        const auto begun = now(home);
        net::stream bank = co_await net::connect("10.0.0.1:4000");
        BOOST_TEST((now(home) - begun >= 3s));
        BOOST_TEST(co_await ask(bank, "a") == "a");
        co_await group.join();
    });
}

// A client that keeps sending to a server that has closed hears of it.
BOOST_AUTO_TEST_CASE(moonpool_204_what_is_sent_to_a_closed_peer_is_answered_by_a_reset) {
    testing::network net;
    testing::simulate(
        quiet + "[server/once]\nprotocol = aio.examples.adder\naddress = 10.0.0.1\nport = 4000\n",
        [](app::app&) -> task<void> {
            net::stream server = co_await net::connect("10.0.0.1:4000");
            co_await server.write("1 + 1\n");
            BOOST_TEST((co_await server.read_line()).has_value());
            int error = 0;
            try {
                for (int i = 0; i < 1000; ++i) {
                    co_await server.write("more");
                    co_await sleep(10ms);
                }
            } catch (const std::system_error& e) {
                error = e.code().value();
            }
            BOOST_TEST((error == ECONNRESET || error == EPIPE), error);
        },
        30,
        testing::app_options(net)
    );
}

BOOST_AUTO_TEST_CASE(a_port_is_bound_once_and_free_after_the_stop) {
    testing::network net;
    const std::string one = quiet + "[server/a]\nprotocol = aio.examples.echo\nport = 80\n";
    const auto start = [&](const std::string& config, testing::app_body body) {
        testing::run(config, body, testing::virtual_time, testing::app_options(net));
    };
    for (int i = 0; i < 2; ++i) {
        start(one, [](app::app&) -> task<void> { co_return; });
        BOOST_TEST(net.listeners() == 0u);
    }
    testing::captured_log log;
    start(one, [&](app::app&) -> task<void> {
        const auto nothing = [](app::app&) -> task<void> { co_return; };
        BOOST_CHECK_THROW(
            co_await testing::with_app(one, nothing, testing::app_options(net, log)),
            app::start_failed
        );
    });
    BOOST_TEST(log.has("*:80: Address already in use"));
}

BOOST_AUTO_TEST_CASE(a_unix_socket_needs_no_file) {
    testing::network net;
    testing::simulate(
        quiet + "[server/a]\nprotocol = aio.examples.echo\ntransport = unix\npath = /nowhere/app\n",
        [](app::app&) -> task<void> {
            net::stream app = co_await net::connect("unix:/nowhere/app");
            BOOST_TEST(co_await ask(app, "hello") == "hello");
            BOOST_TEST(co_await error_of(net::connect("unix:/nowhere/else")) == ENOENT);
        },
        20,
        testing::app_options(net)
    );
    BOOST_TEST(net.listeners() == 0u);
}

BOOST_AUTO_TEST_CASE(loops_of_several_threads_are_refused) {
    testing::network net;
    net.usually(fate().refuses());
    const auto dial = [&net] {
        testing::run([](testing::network& in) -> task<void> {
            async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
            net::dialing::of(home).use(in.seam());
            BOOST_TEST(co_await error_of(net::connect("10.0.0.1:1")) == ECONNREFUSED);
        }(net));
    };
    dial();
    std::thread other([&] { BOOST_CHECK_THROW(dial(), std::logic_error); });
    other.join();
}

BOOST_AUTO_TEST_CASE(datagrams_are_refused_with_a_reason) {
    testing::network net;
    testing::captured_log log;
    BOOST_CHECK_THROW(
        testing::run(
            quiet + "[server/a]\nprotocol = aio.examples.echo_datagram\ntransport = udp\n"
                    "address = 127.0.0.1\nport = 80\n",
            [](app::app&) -> task<void> { co_return; },
            testing::virtual_time,
            testing::app_options(net, log)
        ),
        app::start_failed
    );
    BOOST_TEST(log.has("this network has no datagrams"));
}

BOOST_AUTO_TEST_CASE(the_same_seed_is_the_same_run) {
    const auto digest_of = [](std::uint64_t seed) {
        town net;
        net.usually(fate().late(3ms, 40ms));
        async::virtual_clock time(seed);
        testing::run(
            echo_server,
            [](app::app&) -> task<void> {
                net::stream bank = co_await net::connect("bank.example:4000");
                for (int i = 0; i < 5; ++i)
                    co_await ask(bank, "0123456789");
            },
            time,
            testing::app_options(net)
        );
        return time.digest();
    };
    for (std::uint64_t seed = 1; seed <= 30; ++seed)
        BOOST_TEST(digest_of(seed) == digest_of(seed));
    BOOST_TEST(digest_of(1) != digest_of(2));
}

BOOST_AUTO_TEST_SUITE_END()
