#include "fixture.hpp"

#include <aio/base/mistake.hpp>
#include <aio/client/dialer.hpp>
#include <aio/service/context.hpp>

#include <optional>
#include <string>
#include <system_error>

using namespace aio;
using namespace std::chrono_literals;
using client::dialer;
using support::listening;

namespace {

struct dialing : support::client_fixture {
    /// The stream that a dialer makes.
    net::stream dial(const dialer& by) {
        net::stream made;
        const auto keep = [](dialer from, net::stream& into) -> task<void> {
            into = co_await from.connect();
        };
        group.spawn("dial", keep(by, made));
        finish();
        return made;
    }

    std::string mistake_of(const std::string& name) {
        try {
            dialer::of(app, name);
            return "none";
        } catch (const base::mistake& e) {
            return e.what();
        }
    }

    listening server;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(dialer_, dialing)

BOOST_AUTO_TEST_CASE(code_connects_where_the_section_says) {
    begin(to(server));
    finish();
    BOOST_TEST(client->condition() == "");
    BOOST_TEST(!client->acts_by_itself());
    for (const char* name : {"test", "client/test"}) {
        const net::stream made = dial(dialer::of(app, name));
        BOOST_TEST(made.peer().text() == server.at.text());
    }
    BOOST_TEST(counted("connected") == 2);
}

BOOST_AUTO_TEST_CASE(its_bytes_count_also_when_the_stream_outlives_the_client) {
    begin(to(server));
    finish();
    net::stream made = dial(dialer::of(app, "test"));
    support::peer other = accept(server);
    const auto ask = [](net::stream& over, std::string& answer) -> task<void> {
        co_await over.write("hello");
        answer = (co_await over.read_line()).value_or("");
    };
    std::string answer;
    group.spawn("ask", ask(made, answer));
    other.send("hi\n");
    finish();
    BOOST_TEST(answer == "hi");
    BOOST_TEST(counted("sent") == 5);
    BOOST_TEST(counted("received") == 3);
    stop();
    client.reset();
    other.send("bye\n");
    group.spawn("ask", ask(made, answer));
    finish();
    BOOST_TEST(answer == "bye");
}

BOOST_AUTO_TEST_CASE(a_context_finds_it) {
    begin(to(server));
    finish();
    const service::context context(std::make_shared<const service::context_data>(
        "x", "schedule/x", config::options(), app, app.log("x")
    ));
    BOOST_TEST(bool(dial(context.use<dialer>("test"))));
}

BOOST_AUTO_TEST_CASE(a_wrong_name_is_a_mistake_with_a_hint) {
    begin(to(server));
    finish();
    BOOST_TEST(mistake_of("tset") == "there is no [client/tset]; did you mean 'test'?");
    BOOST_TEST(mistake_of("other") == "there is no [client/other]");
}

BOOST_AUTO_TEST_CASE(a_section_that_is_not_enabled_is_said_to_be_so) {
    plan("enabled = no\n" + to(server));
    BOOST_TEST(mistake_of("test") == "not enabled: [client/test]");
}

BOOST_AUTO_TEST_CASE(the_address_that_answered_last_is_tried_first) {
    net::address closed;
    {
        const listening gone;
        closed = gone.at;
    }
    begin("address = " + closed.text() + "\n " + server.at.text() + "\n");
    finish();
    const dialer by = dialer::of(app, "test");
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(dial(by).peer().text() == server.at.text());
    BOOST_TEST(counted("attempts") == 4);
    BOOST_TEST(counted("failed_refused") == 1);
}

BOOST_AUTO_TEST_CASE(the_error_of_the_last_address_comes_out) {
    const std::string where = to(server);
    server.socket.reset();
    begin(where);
    finish();
    BOOST_CHECK_EXCEPTION(
        dial(dialer::of(app, "test")),
        std::system_error,
        [](const std::system_error& e) { return e.code() == std::errc::connection_refused; }
    );
}

BOOST_AUTO_TEST_CASE(a_stopped_client_dials_no_more) {
    begin(to(server));
    finish();
    const dialer by = dialer::of(app, "test");
    stop();
    BOOST_CHECK_EXCEPTION(dial(by), std::system_error, [](const std::system_error& e) {
        return std::string(e.what()) == "client/test is stopped";
    });
    client.reset();
    BOOST_TEST(mistake_of("test") == "not enabled: [client/test]");
}

BOOST_AUTO_TEST_CASE(a_client_of_datagrams_makes_no_streams) {
    begin("transport = udp\n" + to(server));
    finish();
    BOOST_CHECK_THROW(dial(dialer::of(app, "test")), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()
