// Connections over wires: what stands on a connection does not know that there is no socket.
#include "certificates.hpp"

#include <aio/app/app.hpp>
#include <aio/net/connect.hpp>
#include <aio/net/end_reason.hpp>
#include <aio/net/error.hpp>
#include <aio/net/stream.hpp>
#include <aio/testing/network.hpp>
#include <aio/testing/run_app.hpp>
#include <aio/testing/simulate.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <system_error>

using namespace aio;
using namespace std::chrono_literals;
using testing::fate;
using testing::fault;
using testing::toward;

namespace {

struct bank {
    bank() {
        const support::certificate ca("test authority", nullptr);
        const support::certificate own("bank", &ca, ::EVP_EC_gen("P-256"), "DNS:bank.example");
        ca.write(folder / "ca.pem", folder / "ca.key");
        own.write(folder / "bank.pem", folder / "bank.key");
        net.name("bank.example", {"10.0.0.1"});
    }

    void run(const std::string& protocol, std::function<task<void>()> body) {
        testing::simulate(
            "[logger_root]\nhandlers =\n[server/bank]\nprotocol = aio.examples." + protocol +
                "\naddress = 10.0.0.1\nport = 4000\ntls_certificate = " + (folder / "bank.pem") +
                "\ntls_key = " + (folder / "bank.key") + "\n",
            [body](app::app&) -> task<void> { co_await body(); },
            50,
            testing::app_options(net)
        );
        BOOST_TEST(net.connections() == 0u);
    }

    task<net::stream> connect() const {
        return net::connect(
            "tls://bank.example:4000",
            net::connect_options().tls(net::tls_client().ca(folder / "ca.pem"))
        );
    }

    testing::temporary_folder folder;
    testing::network net;
};

std::string text_of(std::size_t size) {
    std::string made;
    for (std::size_t i = 0; i < size; ++i)
        made += static_cast<char>('a' + i * i % 23);
    return made;
}

task<std::string> ask(net::stream& over, const std::string& text) {
    co_await over.write(text);
    std::string answer(text.size(), '\0');
    co_await over.read_exactly(std::as_writable_bytes(std::span(answer)));
    co_return answer;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(wired, bank)

BOOST_AUTO_TEST_CASE(tls_runs_over_wires_and_no_byte_is_lost) {
    net.usually(fate().late(2ms, 8ms));
    const std::string much = text_of(40'000);
    for (const char* protocol : {"echo", "echo_callback"})
        run(protocol, [&]() -> task<void> {
            net::stream over = co_await connect();
            BOOST_TEST(over.tls_version() == "TLSv1.3");
            BOOST_TEST((co_await ask(over, much) == much));
            co_await over.shutdown();
            BOOST_TEST(co_await over.read_to_end() == "");
            BOOST_TEST((over.end_reason() == net::end_reason::peer));
        });
}

// An end that no close_notify precedes is no end of the data.
BOOST_AUTO_TEST_CASE(an_end_inside_of_tls_is_truncated) {
    const std::string much = text_of(20'000);
    net.usually(fate().breaks(toward::client, fault::end, 9000));
    run("echo", [&]() -> task<void> {
        net::stream over = co_await connect();
        std::error_code why;
        try {
            co_await ask(over, much);
        } catch (const std::system_error& e) {
            why = e.code();
        }
        BOOST_TEST((why == net::errc::truncated || net::is_disconnect(why)), why.message());
    });
}

BOOST_AUTO_TEST_CASE(a_handshake_that_stalls_ends_in_time) {
    net.usually(fate().breaks(toward::client, fault::stall, 100));
    run("echo", [&]() -> task<void> {
        std::error_code why;
        try {
            co_await connect();
        } catch (const std::system_error& e) {
            why = e.code();
        }
        BOOST_TEST((why == std::errc::timed_out), why.message());
    });
}

BOOST_AUTO_TEST_SUITE_END()
