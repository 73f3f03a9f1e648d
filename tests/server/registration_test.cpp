#include "fake_app.hpp"

#include <string>

using aio::task;
using aio::net::stream;
namespace server = aio::server;

namespace {

// As in the README of aio.app: the numbers of a line, added up.
std::string sum_of(std::string_view text) {
    int sum = 0, number = 0;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            number = number * 10 + (c - '0');
        } else {
            sum += number;
            number = 0;
        }
    }
    return std::to_string(sum + number);
}

task<void> adder(stream s) {
    const auto data = co_await s.read();
    co_await s.write(sum_of(data.text()));
}

task<void> greeter(stream s, server::context c) {
    co_await s.write(c.option<std::string>("greeting") + " from " + c.name());
}

void hang_up(stream) {}

struct callback_adder final : aio::net::protocol {
    void connection_made(aio::net::transport& by) override { to = &by; }

    void data_received(std::span<const std::byte> data) override {
        to->write(sum_of({reinterpret_cast<const char*>(data.data()), data.size()}));
        to->close();
    }

    aio::net::transport* to = nullptr;
};

struct with_context final : aio::net::protocol {
    explicit with_context(const server::context& c) : name(c.name()) {}

    void connection_made(aio::net::transport& by) override {
        by.write(name);
        by.close();
    }

    void data_received(std::span<const std::byte>) override {}

    std::string name;
};

struct back final : aio::net::datagram_protocol {
    void connection_made(aio::net::datagram_transport& by) override { to = &by; }

    void
    datagram_received(std::span<const std::byte> data, const aio::net::address& from) override {
        to->send_to(data, from);
    }

    aio::net::datagram_transport* to = nullptr;
};

std::string seen_by_factory;

std::unique_ptr<server::handle> adder_factory(server::builder build) {
    seen_by_factory = build.name() + " " + (build.protocol() ? "protocol" : "none") + " " +
                      build.address() + " " + (build.port() != 0 ? "port" : "no port");
    return build.serve(adder);
}

task<std::unique_ptr<server::handle>> wrapping_factory(server::builder build) {
    co_return build.serve(*build.protocol());
}

std::unique_ptr<server::handle> broken_factory(server::builder) {
    throw std::runtime_error("no way");
}

struct registered : support::server_fixture {
    registered() {
        module.protocol("adder", adder);
        module.protocol("greeter", greeter).option("greeting", "hello", "what to say");
        module.protocol("hang_up", hang_up);
        module.protocol<callback_adder>("callback_adder");
        module.protocol<with_context>("with_context");
        module.protocol<back>("back");
        module.factory("adder_factory", adder_factory);
        module.factory("wrapping_factory", wrapping_factory);
        module.factory("broken_factory", broken_factory);
    }

    std::string ask(const std::string& question) {
        std::string answer;
        against([&] {
            support::peer p = connect();
            p.send(question);
            answer = p.receive_all();
        });
        return answer;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(registration_, registered)

BOOST_AUTO_TEST_CASE(case_48_a_protocol_answers_and_the_server_closes) {
    start("protocol = test.adder\nport = 0\n");
    BOOST_TEST(ask("2 + 2 + 3") == "7");
}

BOOST_AUTO_TEST_CASE(case_49_a_factory_builds_the_server) {
    start("factory = test.adder_factory\nport = 0\n");
    BOOST_TEST(ask("17 + 5 + 1") == "23");
    BOOST_TEST(seen_by_factory == "test none * port");
}

BOOST_AUTO_TEST_CASE(with_both_the_factory_wins_and_gets_the_protocol) {
    start("factory = test.wrapping_factory\nprotocol = test.callback_adder\nport = 0\n");
    BOOST_TEST(ask("1 + 1") == "2");
    BOOST_TEST(logged_with("Server(test) test.wrapping_factory started on *:") == 1u);
}

BOOST_AUTO_TEST_CASE(a_coroutine_may_take_a_context) {
    start("protocol = test.greeter\naddress = 127.0.0.1\nport = 0\ngreeting = moin\n");
    BOOST_TEST(ask("") == "moin from test");
}

BOOST_AUTO_TEST_CASE(a_plain_function_is_accepted) {
    start("protocol = test.hang_up\nport = 0\n");
    BOOST_TEST(ask("") == "");
}

BOOST_AUTO_TEST_CASE(classes_with_callbacks_are_made_per_connection) {
    start("protocol = test.callback_adder\nport = 0\n");
    BOOST_TEST(ask("2 + 2") == "4");
    BOOST_TEST(ask("2 + 3") == "5");
}

BOOST_AUTO_TEST_CASE(a_class_may_be_made_of_the_context) {
    start("protocol = test.with_context\nport = 0\n");
    BOOST_TEST(ask("") == "test");
}

BOOST_AUTO_TEST_CASE(datagrams_are_answered) {
    start("protocol = test.back\ntransport = udp\nport = 0\naddress = 127.0.0.1\n");
    against([&] {
        support::peer p = support::peer::connect(endpoint(), SOCK_DGRAM);
        p.send("ping");
        BOOST_TEST(p.receive() == "ping");
    });
    const auto counted = server->statistics();
    BOOST_TEST(counted[2].value == 4); // received
    BOOST_TEST(counted[3].value == 4); // sent
}

BOOST_AUTO_TEST_CASE(a_protocol_has_to_fit_the_transport) {
    plan("protocol = test.back\nport = 0\n");
    BOOST_TEST(
        aio::base::render(problems).find(
            "test.back is a datagram protocol, which does not go with transport = tcp"
        ) != std::string::npos
    );
    BOOST_TEST(!server);
}

BOOST_AUTO_TEST_CASE(a_factory_that_throws_fails_the_start) {
    plan("factory = test.broken_factory\nport = 0\n");
    server->prepare();
    try {
        run(server->start());
        BOOST_ERROR("started");
    } catch (const std::runtime_error& e) {
        BOOST_TEST(e.what() == "Server(test) failed to start: no way");
    }
}

BOOST_AUTO_TEST_CASE(an_option_nobody_declared_is_an_error_when_strict) {
    plan("protocol = test.greeter\nport = 0\nfarewell = x\n", aio::config::unknown::error);
    BOOST_TEST(problems.failed());
}

BOOST_AUTO_TEST_SUITE_END()
