// A bean that listens: when it accepts, and when no more.

#include "../net/accepted_option.hpp"
#include "../net/peer.hpp"
#include "pods.hpp"

#include <aio/async/task_group.hpp>
#include <aio/bean/tcp_server.hpp>

#include <boost/test/unit_test.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

using aio::bean::context;
using namespace test;

namespace {

struct web : aio::bean::tcp_server {
    web(const aio::bean::context& given, pods& in_) : tcp_server(given), in(in_) {}

    task<void> on_setup() override {
        if (context().text("slow"))
            co_await aio::async::sleep(1s);
    }

    task<void> on_start() override {
        at = endpoints().front();
        if (!context().text("fails"))
            co_return;
        const support::peer one = support::peer::connect(at);
        while (in.noted.empty())
            co_await aio::async::sleep(1ms);
        throw std::runtime_error("on purpose");
    }

    task<void> on_stop(aio::bean::signal by) override {
        in.note(by.name() + (accepts() ? " accepts" : " accepts no more"));
        co_return;
    }

    task<void> serve(aio::net::stream stream) override {
        in.note("served");
        if (context().text("hangs"))
            co_await aio::async::sleep(1h);
        while (auto data = co_await stream.read())
            co_await stream.write(data);
    }

    std::string refused() const override { return context().text("word").value_or(""); }

    static bool accepts() {
        try {
            support::peer::connect(at);
            return true;
        } catch (const std::system_error&) {
            return false;
        }
    }

    pods& in;
    static inline std::string at; ///< of the last one that has started
};

struct one_server {
    one_server() {
        web::at.clear();
        p.bean("web", [this](context given) -> task<void> {
            web one(given, p);
            co_await one();
        });
    }

    pods p;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tcp_server_, one_server)

BOOST_AUTO_TEST_CASE(at_the_end_of_intake_it_accepts_no_more_and_connections_go_on) {
    p.run("[bean/a]\ncore = m.web\nport = 0\n", [this]() -> task<void> {
        support::peer one = support::peer::connect(web::at);
        while (p.noted.empty())
            co_await aio::async::sleep(1ms);
        p.beans[0]->end_intake();
        p.beans[0]->end_intake();
        co_await aio::async::sleep(1ms);
        BOOST_TEST(!web::accepts());
        one.send("x");
        while (!one.readable(0ms))
            co_await aio::async::sleep(1ms);
        BOOST_TEST(one.receive() == "x");
        BOOST_TEST(p.notes() == "served");
    });
    BOOST_TEST(p.notes() == "SIGTERM accepts no more");
}

BOOST_AUTO_TEST_CASE(by_a_signal_of_another_bean_it_accepts_until_on_stop_has_returned) {
    p.bean("sends", [](context given) -> task<void> { co_await given.send_signal("SIGTERM"); });
    p.run("[bean/a]\ncore = m.web\nport = 0\n[bean/b]\ncore = m.sends\n", [this] {
        return p.all_ended();
    });
    BOOST_TEST(p.notes() == "SIGTERM accepts");
    BOOST_TEST(!web::accepts());
}

BOOST_AUTO_TEST_CASE(when_it_ends_by_itself_it_refuses_clients_while_its_connections_end) {
    p.bean("sends", [this](context given) -> task<void> {
        while (p.noted.empty())
            co_await aio::async::sleep(1ms);
        co_await given.send_signal("SIGTERM");
    });
    const std::string sections = "[bean/a]\ncore = m.web\nport = 0\nhangs = yes\n"
                                 "[bean/b]\ncore = m.sends\n";
    p.run(sections, [this]() -> task<void> {
        const support::peer served = support::peer::connect(web::at);
        while (p.noted.size() < 2)
            co_await aio::async::sleep(1ms);
        co_await aio::async::sleep(10ms);
        BOOST_TEST(p.notes() == "served, SIGTERM accepts");
        BOOST_TEST(!web::accepts());
        p.beans[0]->cancel();
        co_await p.all_ended();
    });
}

// It ends by itself, and only then hears whether it starts again.
BOOST_AUTO_TEST_CASE(over_a_restart_its_sockets_stay_and_who_connects_meanwhile_is_served) {
    p.run("[bean/a]\ncore = m.web\nport = 0\nfails = yes\n", [this]() -> task<void> {
        for (int i = 0; i < 2; ++i) {
            co_await p.all_ended();
            BOOST_TEST(p.notes().starts_with("served")); // it had a client, which came first
            const std::string at = std::exchange(web::at, "");
            const support::peer meanwhile = support::peer::connect(at);
            p.beans[0]->expect_restart();
            p.beans[0]->begin_stop();
            co_await p.beans[0]->wait_stopped();
            co_await p.beans[0]->start();
            while (web::at.empty() || p.noted.empty())
                co_await aio::async::sleep(1ms);
            BOOST_TEST(web::at == at);
        }
        co_await p.all_ended();
        BOOST_TEST(web::accepts());
    });
    BOOST_TEST(!web::accepts());
}

BOOST_AUTO_TEST_CASE(of_two_servers_of_a_bean_each_has_sockets_of_its_own) {
    std::vector<std::string> places;
    p.bean("two", [&, this](context given) -> task<void> {
        web first(given, p), second(given, p);
        aio::async::task_group both(given.loop(), "two");
        both.spawn("first", first());
        places.push_back(std::exchange(web::at, ""));
        both.spawn("second", second());
        places.push_back(std::exchange(web::at, ""));
        co_await both.join();
    });
    p.run("[bean/a]\ncore = m.two\nport = 0\n", []() -> task<void> { co_return; });
    BOOST_REQUIRE(places.size() == 2u);
    BOOST_TEST(!places[0].empty());
    BOOST_TEST(!places[1].empty());
    BOOST_TEST(places[0] != places[1]);
}

BOOST_AUTO_TEST_CASE(its_section_says_the_limits) {
    p.run(
        "[bean/a]\ncore = m.web\nport = 0\nkeepalive = 9s\nmax_connections = 1\n",
        [this]() -> task<void> {
            support::peer one = support::peer::connect(web::at),
                          two = support::peer::connect(web::at);
            while (p.noted.empty())
                co_await aio::async::sleep(1ms);
            BOOST_TEST(support::accepted_option(one, IPPROTO_TCP, TCP_KEEPIDLE) == 9);
            for (int i = 0; i < 20; ++i)
                co_await aio::async::sleep(1ms);
            BOOST_TEST(p.notes() == "served"); // once
        }
    );
    std::size_t said = 0;
    for (const std::string& line : p.app.lines)
        said += line.find("Server(a) is full: it has 1 connections") != line.npos;
    BOOST_TEST(said == 1u);
}

BOOST_AUTO_TEST_CASE(when_it_is_full_it_says_a_last_word) {
    p.run(
        "[bean/a]\ncore = m.web\nport = 0\nmax_connections = 1\nwhen_full = refuse\nword = full\n",
        [this]() -> task<void> {
            const support::peer one = support::peer::connect(web::at);
            while (p.noted.empty())
                co_await aio::async::sleep(1ms);
            support::peer two = support::peer::connect(web::at);
            while (!two.readable(0ms))
                co_await aio::async::sleep(1ms);
            BOOST_TEST(two.receive() == "full");
        }
    );
}

BOOST_AUTO_TEST_CASE(one_that_listens_later_accepts_nobody) {
    p.run("[bean/a]\ncore = m.web\nport = 0\nslow = yes\n", [this]() -> task<void> {
        BOOST_TEST(web::at == "");
        p.beans[0]->end_intake();
        co_await aio::async::sleep(2s);
        BOOST_TEST(web::at != "");
        BOOST_TEST(!web::accepts());
    });
}

BOOST_AUTO_TEST_CASE(when_its_time_is_over_its_connections_are_cancelled) {
    p.run("[bean/a]\ncore = m.web\nport = 0\nhangs = yes\n", [this]() -> task<void> {
        const support::peer one = support::peer::connect(web::at);
        while (p.noted.empty())
            co_await aio::async::sleep(1ms);
        p.beans[0]->begin_stop();
        co_await aio::async::sleep(1s);
        BOOST_TEST(!p.beans[0]->unfinished().empty());
        p.beans[0]->cancel();
        const auto begun = p.time.now();
        co_await p.all_ended();
        BOOST_TEST((p.time.now() - begun < 1h));
    });
}

BOOST_AUTO_TEST_CASE(one_that_fails_does_not_wait_for_its_connections) {
    p.run("[bean/a]\ncore = m.web\nport = 0\nhangs = yes\nfails = yes\n", [this]() -> task<void> {
        const auto begun = p.time.now();
        co_await p.all_ended();
        BOOST_TEST((p.time.now() - begun < 1h));
        BOOST_REQUIRE(p.app.crashes.size() == 1u);
        BOOST_TEST(p.app.crashes[0] == "bean/a: on purpose");
    });
}

BOOST_AUTO_TEST_SUITE_END()
