// A service of the user's that listens: its hooks, its stop, its errors.

#include "../net/accepted_option.hpp"
#include "../support/few_descriptors.hpp"
#include "fake_app.hpp"

#include <aio/async/event.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/timeout.hpp>
#include <aio/config/schema.hpp>
#include <aio/server/tcp_service.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <functional>
#include <optional>

using aio::task;
using aio::net::stream;

namespace {

using aio::server::tcp_service;

struct talking : tcp_service {
    using tcp_service::tcp_service;

    task<void> serve(stream s) override {
        while (const auto line = co_await s.read_line()) {
            if (*line == "fail")
                throw std::runtime_error("on purpose");
            if (*line == "hang")
                co_await aio::async::sleep(std::chrono::hours(1));
            if (*line == "work")
                co_await work_is_over.wait("the end of its work");
            co_await s.write("said " + *line + "\n");
        }
        co_await s.write("bye");
    }

    task<void> on_setup() override {
        hooks += "setup " + std::to_string(endpoints().size()) + ", ";
        if (slow)
            co_await aio::async::sleep(std::chrono::milliseconds(20));
    }

    task<void> on_listening() override {
        hooks += "listening " + std::to_string(endpoints().size()) + ", ";
        if (slow_to_listen)
            co_await aio::async::sleep(std::chrono::hours(1));
    }

    task<void> on_shutdown() override {
        hooks += "shutdown " + std::to_string(endpoints().size());
        co_return;
    }

    std::string refused() const override { return word; }

    aio::async::event work_is_over;
    std::string hooks;
    std::string word;
    bool slow = false;
    bool slow_to_listen = false;
};

struct tcp : support::server_fixture {
    /// The options of [service/web] with this text.
    aio::config::options
    section(const std::string& text, const std::function<void(aio::config::schema&)>& declare) {
        aio::config::inputs in;
        in.files.emplace_back("t.conf", "[service/web]\n" + text);
        tree = aio::config::merge(in);
        aio::config::schema declared;
        declare(declared);
        const aio::config::schema* const by[] = {&declared};
        return aio::config::read(
            *tree.find("service/web"), by, aio::config::unknown::keep, problems
        );
    }

    talking& made(std::unique_ptr<talking> subject, aio::config::options options = {}) {
        talking& it = *subject;
        place(std::move(subject), std::move(options));
        return it;
    }

    void place(std::unique_ptr<aio::service::service> subject, aio::config::options options) {
        aio::service::common_spec common;
        common.section = "service/web";
        const auto data = std::make_shared<const aio::service::context_data>(
            "web", common.section, std::move(options), *this, log("m")
        );
        subject->place(std::move(common), aio::service::context(data), loop);
        server = std::move(subject);
    }

    talking& started() {
        talking& it = made(std::make_unique<talking>("127.0.0.1", 0));
        run(it.start());
        return it;
    }

    std::string failure(std::unique_ptr<talking> subject) {
        talking& it = made(std::move(subject));
        try {
            run(it.start());
        } catch (const std::exception& e) {
            return e.what();
        }
        return "";
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_tcp_service, tcp)

BOOST_AUTO_TEST_CASE(serves_between_its_hooks) {
    talking& it = started();
    BOOST_TEST(logged("INFO(m): [^web]: Serving on " + endpoint()));
    support::peer p = connect();
    p.send("x\n");
    against([&] { BOOST_TEST(p.receive() == "said x\n"); });
    BOOST_TEST(it.statistics()[0].value == 1);
    server_fixture::stop();
    BOOST_TEST(p.receive_all() == "bye"); // a read that waits sees the end
    BOOST_TEST(it.hooks == "setup 0, listening 1, shutdown 0");
    BOOST_TEST(it.statistics()[0].value == 0);
    const char* names[] = {"connections", "accepted", "received", "sent"};
    const double values[] = {0, 1, 2, 10};
    for (std::size_t i = 0; i < 4; ++i) {
        BOOST_TEST(it.statistics().at(i).name == names[i]);
        BOOST_TEST(it.statistics()[i].value == values[i]);
    }
}

BOOST_AUTO_TEST_CASE(an_error_of_a_connection_closes_it_alone) {
    talking& it = started();
    support::peer p = connect();
    p.send("fail\n");
    against([&] { BOOST_TEST(p.receive_all() == ""); });
    BOOST_TEST(logged_with("failed: on purpose") == 1u);
    BOOST_TEST((it.state() == aio::service::state::running));
}

BOOST_AUTO_TEST_CASE(what_is_at_work_is_finished_and_nobody_is_accepted_any_more) {
    talking& it = started();
    support::peer p = connect();
    p.send("work\n");
    settle();
    const std::string at = endpoint();
    begin_stop();
    settle();
    BOOST_CHECK_THROW(support::peer::connect(at), std::system_error);
    bool named = false;
    for (const std::string& one : server->unfinished())
        named = named || one.find(" awaits the end of its work for ") != one.npos;
    BOOST_TEST(named);
    it.work_is_over.set();
    server_fixture::stop();
    BOOST_TEST(p.receive_all() == "said work\nbye");
}

BOOST_AUTO_TEST_CASE(at_the_end_of_intake_nobody_is_accepted_and_connections_go_on) {
    talking& it = started();
    support::peer p = connect();
    p.send("x\n");
    against([&] { p.receive(); });
    const std::string at = endpoint();
    it.end_intake();
    settle();
    BOOST_CHECK_THROW(support::peer::connect(at), std::system_error);
    std::string heard;
    p.send("y\n");
    against([&] { heard = p.receive(); });
    BOOST_TEST(heard == "said y\n");
}

BOOST_AUTO_TEST_CASE(one_that_listens_after_the_end_of_intake_accepts_nobody) {
    talking& it = made(std::make_unique<talking>("127.0.0.1", 0));
    it.slow = true;
    group.spawn("start", it.start());
    it.end_intake();
    until([&] { return !it.endpoints().empty(); });
    finish();
    settle();
    BOOST_CHECK_THROW(connect(), std::system_error);
}

BOOST_AUTO_TEST_CASE(what_takes_too_long_is_cancelled_by_force) {
    started();
    support::peer p = connect();
    p.send("hang\n");
    settle();
    begin_stop();
    settle();
    server->cancel();
    server_fixture::stop();
    BOOST_TEST(p.receive_all() == "");
    BOOST_TEST((server->state() == aio::service::state::stopped));
}

BOOST_AUTO_TEST_CASE(a_restart_keeps_the_port_that_was_picked) {
    talking& it = started();
    const std::string at = endpoint();
    it.begin_stop();
    run(it.wait_stopped());
    run(it.start());
    BOOST_TEST(endpoint() == at);
}

namespace {

bool refuses(const std::string& endpoint) {
    try {
        support::peer::connect(endpoint);
        return false;
    } catch (const std::system_error&) {
        return true;
    }
}

struct above final : aio::service::service {
    above() : child(add_child(std::make_unique<talking>("127.0.0.1", 0), "child")) {}

    void fail() { crash(std::make_exception_ptr(std::runtime_error("on purpose"))); }

    using service::remove_child;

    talking& child;
};

} // namespace

// A supervisor says so before it stops the service.
BOOST_AUTO_TEST_CASE(over_a_restart_its_sockets_stay_and_who_connects_meanwhile_is_served) {
    talking& it = started();
    const std::string at = endpoint();
    it.expect_restart();
    it.begin_stop();
    run(it.wait_stopped());
    BOOST_TEST(it.endpoints().empty());
    support::peer meanwhile = support::peer::connect(at);
    run(it.start());
    BOOST_TEST(endpoint() == at);
    meanwhile.send("x\n");
    against([&] { BOOST_TEST(meanwhile.receive() == "said x\n"); });
    it.begin_stop();
    run(it.wait_stopped());
    BOOST_TEST(refuses(at));
    run(it.start()); // and binds again
    BOOST_TEST(endpoint() == at);
}

// It stops by itself, and only then hears whether it starts again.
BOOST_AUTO_TEST_CASE(after_a_crash_the_sockets_stay_until_it_is_known_what_follows) {
    struct fragile final : talking {
        using talking::talking;

        void fail() { crash(std::make_exception_ptr(std::runtime_error("on purpose"))); }
    };

    for (const bool restarts : {true, false}) {
        auto made_here = std::make_unique<fragile>("127.0.0.1", 0);
        fragile& it = *made_here;
        made(std::move(made_here));
        run(it.start());
        const std::string at = endpoint();
        it.fail();
        run(it.wait_stopped());
        support::peer meanwhile = support::peer::connect(at);
        if (restarts)
            it.expect_restart();
        it.begin_stop();
        BOOST_TEST(refuses(at) == !restarts);
        if (!restarts)
            continue;
        run(it.start());
        meanwhile.send("x\n");
        against([&] { BOOST_TEST(meanwhile.receive() == "said x\n"); });
        it.begin_stop();
        run(it.wait_stopped());
    }
}

BOOST_AUTO_TEST_CASE(a_restart_that_is_given_up_closes_the_sockets) {
    talking& it = started();
    const std::string at = endpoint();
    it.expect_restart();
    it.begin_stop();
    run(it.wait_stopped());
    BOOST_TEST(!refuses(at));
    it.begin_stop();
    BOOST_TEST(refuses(at));
}

BOOST_AUTO_TEST_CASE(the_end_of_intake_closes_what_is_kept) {
    talking& it = started();
    const std::string at = endpoint();
    it.expect_restart();
    it.begin_stop();
    run(it.wait_stopped());
    it.end_intake();
    BOOST_TEST(refuses(at));
}

BOOST_AUTO_TEST_CASE(the_sockets_of_a_child_stay_over_a_restart_of_its_parent) {
    auto one = std::make_unique<above>();
    above& it = *one;
    place(std::move(one), {});
    run(it.start());
    const std::string at = it.child.endpoints().front();
    it.fail();
    run(it.wait_stopped());
    BOOST_TEST(!refuses(at));
    it.expect_restart();
    it.begin_stop();
    support::peer meanwhile = support::peer::connect(at);
    run(it.start());
    BOOST_TEST(it.child.endpoints().front() == at);
    meanwhile.send("x\n");
    against([&] { BOOST_TEST(meanwhile.receive() == "said x\n"); });
    it.begin_stop();
    run(it.wait_stopped());
    BOOST_TEST(refuses(at));
}

BOOST_AUTO_TEST_CASE(a_child_that_is_removed_closes_its_sockets) {
    auto one = std::make_unique<above>();
    above& it = *one;
    place(std::move(one), {});
    run(it.start());
    const std::string at = it.child.endpoints().front();
    std::unique_ptr<aio::service::service> back;
    run([](above& parent, std::unique_ptr<aio::service::service>& into) -> task<void> {
        into = co_await parent.remove_child(parent.child);
    }(it, back));
    BOOST_TEST(refuses(at));
}

BOOST_AUTO_TEST_CASE(a_start_of_a_child_that_is_cancelled_closes_its_sockets) {
    auto one = std::make_unique<above>();
    above& it = *one;
    place(std::move(one), {});
    run(it.start());
    const std::string at = it.child.endpoints().front();
    it.child.begin_stop();
    run(it.child.wait_stopped());
    it.child.slow_to_listen = true;
    bool late = false;
    run([](talking& child, bool& told) -> task<void> {
        try {
            co_await aio::async::with_timeout(std::chrono::milliseconds(20), child.start());
        } catch (const aio::async::timeout_error&) {
            told = true;
        }
    }(it.child, late));
    BOOST_TEST(late);
    run(it.child.wait_stopped());
    BOOST_TEST(refuses(at));
    it.begin_stop();
    run(it.wait_stopped());
}

BOOST_AUTO_TEST_CASE(without_arguments_its_options_say_where) {
    const auto listens_on = [&](const std::string& text, const aio::config::schema& declared) {
        talking& it = made(std::make_unique<talking>(), section(text, [&](aio::config::schema& to) {
                               to = declared;
                           }));
        run(it.start());
        const std::string at = endpoint();
        it.begin_stop();
        run(it.wait_stopped());
        return at;
    };
    aio::config::schema none, both;
    both.option("address", "127.0.0.2", "");
    both.option("port", 0, "");
    BOOST_TEST(listens_on("x = 1\n", none).find("127.0.0.1:") == 0u);
    BOOST_TEST(listens_on("address = 127.0.0.3\nport = 0\n", none).find("127.0.0.3:") == 0u);
    BOOST_TEST(listens_on("x = 1\n", both).find("127.0.0.2:") == 0u);
    BOOST_TEST(listens_on("address = 127.0.0.3\n", both).find("127.0.0.3:") == 0u);
}

BOOST_AUTO_TEST_CASE(what_its_section_says_counts_before_its_arguments) {
    const auto listens_on = [&](const std::string& text) {
        talking& it = made(
            std::make_unique<talking>("127.0.0.2", 65536),
            section(text, [](aio::config::schema& to) { tcp_service::declare_options(to); })
        );
        run(it.start());
        const std::string at = endpoint();
        it.begin_stop();
        run(it.wait_stopped());
        return at;
    };
    BOOST_TEST(listens_on("port = 0\n").find("127.0.0.2:") == 0u);
    BOOST_TEST(listens_on("port = 0\naddress = 127.0.0.3\n").find("127.0.0.3:") == 0u);
    BOOST_CHECK_THROW(listens_on("address = 127.0.0.3\n"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(mistakes_in_the_texts_of_its_options_are_found_before_it_starts) {
    const auto wrong = [&](const std::string& text) {
        problems = {};
        section(text, [](aio::config::schema& to) { tcp_service::declare_options(to); });
        return aio::base::render(problems);
    };
    BOOST_TEST(
        wrong("allow = 10.0.0.0/33\n") ==
        "t.conf:2:18: error: [service/web] allow: the prefix length of '10.0.0.0/33' is not a "
        "number from 0 to 32\n"
        "    allow = 10.0.0.0/33\n"
        "                     ^\n"
    );
    for (const char* bad :
         {"deny = here\n",
          "address_prefix = 99\n",
          "proxy_from = 10.1.2.3/8\n",
          "proxy_skip = 1\n",
          "address = 127.0.0.1:80\n"})
        BOOST_TEST(wrong(bad).find(": error: [service/web] ") != std::string::npos, bad);
    for (const char* good :
         {"deny = ::1 unix\n", "address_prefix = 24 56\n", "address = localhost\n"})
        BOOST_TEST(wrong(good) == "", good);
    problems = {};
}

BOOST_AUTO_TEST_CASE(its_limits_are_those_of_its_section_then_of_its_constructor) {
    using aio::server::limits;
    const auto silence_of = [&](std::unique_ptr<talking> subject, const std::string& text) {
        talking& it = made(std::move(subject), section(text, [](auto& to) {
                               tcp_service::declare_options(to);
                           }));
        run(it.start());
        support::peer p = connect();
        p.send("x\n");
        against([&] { p.receive(); });
        const int silence = support::accepted_option(p, IPPROTO_TCP, TCP_KEEPIDLE);
        it.begin_stop();
        run(it.wait_stopped());
        return silence;
    };
    const limits own{.keepalive = aio::net::keepalive{.silence = std::chrono::seconds(7)}};
    BOOST_TEST(silence_of(std::make_unique<talking>("127.0.0.1", 0), "x = 1\n") == 60);
    BOOST_TEST(silence_of(std::make_unique<talking>("127.0.0.1", 0), "keepalive = 9s\n") == 9);
    BOOST_TEST(silence_of(std::make_unique<talking>("127.0.0.1", 0, own), "x = 1\n") == 7);
    BOOST_TEST(silence_of(std::make_unique<talking>(own), "keepalive = 9s\n") == 9);
}

BOOST_AUTO_TEST_CASE(its_connections_are_limited_and_timed) {
    talking& it = made(
        std::make_unique<talking>(),
        section("max_connections = 1\nidle_timeout = 50ms\n", [](auto&) {})
    );
    run(it.start());
    support::peer one = connect(), two = connect();
    until([&] { return logged_with("WARNING(m): Server(web) is full: it has 1 ") == 1; });
    against([&] {
        BOOST_TEST(one.receive_all() == "bye");
        BOOST_TEST(two.receive_all() == "bye");
    });
}

BOOST_AUTO_TEST_CASE(when_it_is_full_it_says_a_last_word) {
    talking& it = made(
        std::make_unique<talking>(),
        section("max_connections = 1\nwhen_full = refuse\n", [](auto&) {})
    );
    it.word = "full\n";
    run(it.start());
    support::peer one = connect();
    one.send("a\n");
    against([&] { BOOST_TEST(one.receive_exactly(7) == "said a\n"); });
    support::peer two = connect();
    against([&] { BOOST_TEST(two.receive_all() == "full\n"); });
}

BOOST_AUTO_TEST_CASE(a_child_without_limits_has_those_of_the_section_of_its_parent) {
    struct parent final : aio::service::service {
        parent()
            : plain(add_child(std::make_unique<talking>("127.0.0.1", 0), "plain")),
              own(add_child(
                  std::make_unique<talking>(
                      "127.0.0.1",
                      0,
                      aio::server::limits{
                          .keepalive = aio::net::keepalive{.silence = std::chrono::seconds(7)}
                      }
                  ),
                  "own"
              )) {}

        talking& plain;
        talking& own;
    };

    auto one = std::make_unique<parent>();
    parent& it = *one;
    place(std::move(one), section("keepalive = 9s\n", [](auto&) {}));
    run(it.start());
    for (const auto& [child, silence] : {std::pair(&it.plain, 9), std::pair(&it.own, 7)}) {
        support::peer p = support::peer::connect(child->endpoints().front());
        p.send("x\n");
        against([&] { p.receive(); });
        BOOST_TEST(support::accepted_option(p, IPPROTO_TCP, TCP_KEEPIDLE) == silence);
    }
}

BOOST_AUTO_TEST_CASE(a_start_that_fails_leaves_nothing_behind_and_can_be_repeated) {
    talking& it = made(std::make_unique<talking>("127.0.0.1", 0));
    const int next = ::dup(0);
    ::close(next);
    for (const int spare : {0, 1}) { // for the socket; for what watches it
        const test::few_descriptors limit(static_cast<rlim_t>(next + spare));
        BOOST_CHECK_THROW(run(it.start()), std::exception);
        BOOST_TEST(it.endpoints().empty());
    }
    it.begin_stop();
    run(it.wait_stopped());
    run(it.start());
    support::peer p = connect();
    p.send("x\n");
    against([&] { BOOST_TEST(p.receive() == "said x\n"); });
}

BOOST_AUTO_TEST_CASE(what_the_section_of_its_parent_says_is_not_for_it) {
    struct parent final : aio::service::service {
        parent()
            : given(add_child(std::make_unique<talking>("127.0.0.2", 0), "given")),
              plain(add_child(std::make_unique<talking>(), "plain")) {}

        talking& given;
        talking& plain;
    };

    auto one = std::make_unique<parent>();
    parent& it = *one;
    place(std::move(one), section("address = 127.0.0.3\nport = 0\n", [](auto&) {}));
    run(it.start());
    BOOST_TEST(it.given.endpoints().front().find("127.0.0.2:") == 0u);
    BOOST_TEST(it.plain.endpoints().front().find("127.0.0.3:") == 0u);
}

BOOST_AUTO_TEST_CASE(what_keeps_it_from_listening_is_said_with_the_address) {
    started();
    const std::string at = endpoint();
    const std::int64_t port = std::stoi(at.substr(at.rfind(':') + 1));
    const auto first = std::move(server);
    BOOST_TEST(
        failure(std::make_unique<talking>("127.0.0.1", port)) == at + ": Address already in use"
    );
    BOOST_TEST((server->state() == aio::service::state::crashed));
    BOOST_TEST(
        failure(std::make_unique<talking>("127.0.0.1", 65536)) ==
        "port '65536' is no number from 0 to 65535"
    );
    BOOST_TEST(failure(std::make_unique<talking>("192.0.2.1", 0)).find("192.0.2.1:0: ") == 0u);
    first->begin_stop();
    run(first->wait_stopped());
}

BOOST_AUTO_TEST_SUITE_END()
