#include "pods.hpp"

#include <aio/bean/bean.hpp>
#include <aio/bean/simple_server.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>

using namespace test;
using aio::bean::context;

BOOST_AUTO_TEST_SUITE(bean)

BOOST_AUTO_TEST_CASE(options_declared_are_typed_and_others_text) {
    pods p;
    p.bean("f", [&](context given) {
         p.note(fmt::format("{} {}", given.option<int>("n") + 1, *given.text("other")));
         for (const auto& [key, value] : given.arguments())
             p.note(key + "=" + value);
     }).option("n", 1, "");
    p.run("[bean/x]\ncore = m.f\nn = 41\nother = word\nlabel = l\n", [&] { return p.all_ended(); });
    BOOST_TEST(p.notes() == "42 word, n=41, other=word");
    BOOST_TEST(p.app.ends == std::vector<std::string>{"bean/x"});
}

BOOST_AUTO_TEST_CASE(case_95_ids_count_what_is_enabled_in_the_order_of_the_file) {
    pods p;
    p.bean("f", [&](context given) { p.note(fmt::format("{}{}", given.name(), given.id())); });
    p.run(
        "[bean/b]\ncore = m.f\n[bean/off]\ncore = m.f\nenabled = no\n[bean/a]\ncore = m.f\n",
        [&] { return p.all_ended(); }
    );
    BOOST_TEST(p.notes() == "b1, a2");
}

BOOST_AUTO_TEST_CASE(case_108_signals_between_beans) {
    pods p;
    p.bean("hears", [&](context given) -> task<void> {
        const auto number = given.add_signal_handler("ping", [&](aio::bean::signal with) {
            p.note(fmt::format("{} {} from {}", with.name(), with.data<int>(), with.sender()));
        });
        given.add_signal_handler("bare", [&] { p.note("bare"); });
        co_await aio::async::sleep(2s);
        BOOST_TEST(given.remove_signal_handler(number));
        BOOST_TEST(!given.remove_signal_handler(number));
        co_await aio::async::sleep(2s);
    });
    p.bean("sends", [&](context given) -> task<void> {
        BOOST_TEST(co_await given.send_signal("ping", 7) == 1u);
        BOOST_TEST(co_await given.send_signal("pong", 7) == 0u);
        BOOST_TEST(co_await given.send_signal("ping", 8, {"other"}) == 0u);
        BOOST_TEST(co_await given.send_signal("bare", {"w", "other"}) == 1u);
        BOOST_TEST(co_await given.send_signal("bare", {"other"}) == 0u);
        BOOST_TEST(co_await given.send_signal("ping", 9, {"w", "other"}) == 1u);
        co_await aio::async::sleep(3s);
        BOOST_TEST(co_await given.send_signal("ping", 10) == 0u);
    });
    p.run("[bean/a]\ncore = m.hears\nlabel = w\n[bean/b]\ncore = m.sends\n", [&] {
        return p.all_ended();
    });
    BOOST_TEST(p.notes() == "ping 7 from 2, bare, ping 9 from 2");
}

BOOST_AUTO_TEST_CASE(a_turn_after_its_start_a_bean_reaches_those_that_start_after_it) {
    pods p;
    p.bean("sends", [&](context given) -> task<void> {
        BOOST_TEST(co_await given.send_signal("ping") == 0u);
        co_await aio::async::sleep(0s);
        BOOST_TEST(co_await given.send_signal("ping") == 1u);
    });
    p.bean("hears", [&](context given) -> task<void> {
        given.add_signal_handler("ping", [] {});
        co_await aio::async::sleep(1s);
    });
    p.run("[bean/a]\ncore = m.sends\n[bean/b]\ncore = m.hears\n", [&] { return p.all_ended(); });
}

BOOST_AUTO_TEST_CASE(case_108_a_signal_reaches_all_beans_at_once) {
    pods p;
    p.bean("hears", [&](context given) -> task<void> {
        given.add_signal_handler("ping", [&, given]() -> task<void> {
            p.note(given.name() + " begins");
            co_await aio::async::sleep(2s);
            if (given.name() == "b")
                throw std::runtime_error("deaf");
            p.note(given.name() + " ends");
        });
        co_await aio::async::sleep(9s);
    });
    p.bean("sends", [&](context given) -> task<void> {
        const auto since = p.time.now();
        BOOST_TEST(co_await given.send_signal("ping") == 3u);
        BOOST_TEST((p.time.now() - since == 2s));
    });
    p.run(
        "[bean/a]\ncore = m.hears\n[bean/b]\ncore = m.hears\n[bean/c]\ncore = m.hears\n"
        "[bean/d]\ncore = m.sends\n",
        [&] { return p.all_ended(); }
    );
    BOOST_TEST(p.notes() == "a begins, b begins, c begins, a ends, c ends");
    BOOST_TEST(p.app.logged("Bean(b) failed on signal ping: deaf") == 1u);
    BOOST_TEST(p.app.crashes.empty());
}

BOOST_AUTO_TEST_CASE(a_sender_that_a_handler_cancels_at_once_waits_for_all_handlers) {
    pods p;
    p.bean("hears", [&](context given) -> task<void> {
        given.add_signal_handler("ping", [&, given]() -> task<void> {
            if (given.name() == "b")
                p.beans.back()->cancel();
            try {
                co_await aio::async::sleep(1h);
            } catch (const std::exception&) {
                p.note(given.name() + " cancelled");
            }
            co_await boost::asio::this_coro::reset_cancellation_state();
            co_await aio::async::sleep(1s);
            p.note(given.name() + " ends");
        });
        co_await aio::async::sleep(5s);
    });
    p.bean("sends", [&](context given) -> task<void> {
        const auto since = p.time.now();
        try {
            co_await given.send_signal("ping");
        } catch (const std::exception&) {
            p.note("sender cancelled");
        }
        BOOST_TEST((p.time.now() - since == 1s));
    });
    p.run(
        "[bean/a]\ncore = m.hears\n[bean/b]\ncore = m.hears\n[bean/c]\ncore = m.hears\n"
        "[bean/d]\ncore = m.sends\n",
        [&] { return p.all_ended(); }
    );
    BOOST_TEST(
        p.notes() ==
        "a cancelled, b cancelled, c cancelled, a ends, b ends, c ends, sender cancelled"
    );
}

BOOST_AUTO_TEST_CASE(who_sends_and_is_cancelled_cancels_the_handlers_and_can_be_cancelled_again) {
    pods p;
    p.bean("hears", [&](context given) -> task<void> {
        given.add_signal_handler("ping", [&]() -> task<void> {
            try {
                co_await aio::async::sleep(1h);
            } catch (const std::exception&) {
                p.note("handler cancelled");
            }
        });
        co_await aio::async::sleep(5s);
    });
    p.bean("sends", [&](context given) -> task<void> {
        try {
            co_await given.send_signal("ping");
        } catch (const std::exception&) {
            p.note("sender cancelled");
        }
        co_await aio::async::sleep(1h);
    });
    p.run("[bean/a]\ncore = m.hears\n[bean/b]\ncore = m.sends\n", [&]() -> task<void> {
        p.beans.back()->cancel();
        co_await p.all_ended();
    });
    BOOST_TEST(p.notes() == "handler cancelled, sender cancelled");
}

BOOST_AUTO_TEST_CASE(an_error_of_a_handler_is_logged_and_counts) {
    pods p;
    p.bean("hears", [&](context given) -> task<void> {
        given.add_signal_handler("ping", [] { throw std::runtime_error("deaf"); });
        BOOST_TEST(co_await given.send_signal("ping") == 1u);
    });
    p.run("[bean/a]\ncore = m.hears\n", [&] { return p.all_ended(); });
    BOOST_TEST(p.app.logged("failed on signal ping: deaf") == 1u);
    BOOST_TEST(p.app.crashes.empty());
}

BOOST_AUTO_TEST_CASE(beans_wait_for_each_other) {
    pods p;
    p.bean("slow", [&]() -> task<void> {
        co_await aio::async::sleep(3s);
        p.note("slow");
    });
    p.bean("waits", [&](context given) -> task<void> {
        co_await given.wait("w");
        p.note("after w");
        co_await given.wait(1);
        p.note("after 1");
        try {
            given.find(9);
        } catch (const std::out_of_range& e) {
            p.note(e.what());
        }
    });
    p.run("[bean/a]\ncore = m.slow\nlabel = w\n[bean/b]\ncore = m.waits\n", [&] {
        return p.all_ended();
    });
    BOOST_TEST(p.notes() == "slow, after w, after 1, there is no bean with id 9");
}

BOOST_AUTO_TEST_CASE(case_97_a_bean_that_raises_is_logged_and_a_crash) {
    pods p;
    p.bean("f", [] { throw std::runtime_error("raised"); });
    p.run("[bean/a]\ncore = m.f\n", [&] { return p.all_ended(); });
    BOOST_TEST(p.app.crashes == std::vector<std::string>{"bean/a: raised"});
    BOOST_TEST(p.app.logged("ERROR aio Bean(a) m.f failed: raised") == 1u);
    BOOST_TEST(p.app.ends.empty());
}

BOOST_AUTO_TEST_CASE(stopped_one_without_a_handler_is_cancelled_others_get_the_signal) {
    pods p;
    p.bean("deaf", [&]() -> task<void> { co_await aio::async::sleep(1h); });
    p.bean("hears", [&](context given) -> task<void> {
        aio::async::event stop;
        given.add_signal_handler("SIGTERM", [&] { stop.set(); });
        co_await stop.wait();
        co_await aio::async::sleep(2s);
        p.note("ended in good order");
    });
    p.run("[bean/a]\ncore = m.deaf\n[bean/b]\ncore = m.hears\n", []() -> task<void> { co_return; });
    BOOST_TEST(p.notes() == "ended in good order");
    BOOST_TEST(p.app.crashes.empty());
}

BOOST_AUTO_TEST_CASE(stopped_with_a_handler_that_fails_it_is_cancelled_and_a_crash) {
    pods p;
    p.bean("f", [&](context given) -> task<void> {
        given.add_signal_handler("SIGTERM", [] { throw std::runtime_error("handler"); });
        co_await aio::async::sleep(1h);
    });
    p.run("[bean/a]\ncore = m.f\n", []() -> task<void> { co_return; });
    BOOST_TEST(p.app.crashes == std::vector<std::string>{"bean/a: handler"});
}

namespace {

struct failing_server : aio::bean::simple_server {
    failing_server(const aio::bean::context& given, pods& in_) : simple_server(given), in(in_) {}

    task<void> startup() override {
        if (context().text("at") == "startup")
            throw std::runtime_error("startup");
        co_return;
    }

    task<void> run() override {
        if (context().text("at") == "run")
            throw std::runtime_error("run");
        co_await aio::async::sleep(1h);
    }

    task<void> cleanup() override {
        co_await aio::async::sleep(1s); // whoever cancels: cleanup is whole
        in.note("cleanup");
        if (context().text("at") == "cleanup")
            throw std::runtime_error("cleanup");
    }

    task<void> on_stop(aio::bean::signal) override {
        if (context().text("at") == "on_stop")
            throw std::runtime_error("on_stop");
        stop();
        co_await aio::async::sleep(1s); // longer than run takes to leave
        in.note("on_stop");
    }

    pods& in;
};

} // namespace

BOOST_AUTO_TEST_CASE(case_109_cleanup_always_runs) {
    for (const std::string at : {"startup", "run", "never"}) {
        pods p;
        p.bean("s", [&](context given) -> task<void> {
            failing_server one(given, p);
            co_await one();
        });
        p.run("[bean/a]\ncore = m.s\nat = " + at + "\n", [&]() -> task<void> {
            if (at == "never")
                p.beans.front()->cancel();
            co_await p.all_ended();
        });
        BOOST_TEST(p.notes() == "cleanup");
        BOOST_TEST(p.app.crashes.size() == (at == "never" ? 0u : 1u));
    }
}

BOOST_AUTO_TEST_CASE(case_109_an_error_of_on_stop_or_of_cleanup_ends_it_and_is_a_crash) {
    for (const std::string at : {"on_stop", "cleanup", "never"}) {
        pods p;
        p.bean("s", [&](context given) -> task<void> {
            failing_server one(given, p);
            co_await one();
        });
        p.run("[bean/a]\ncore = m.s\nat = " + at + "\n", []() -> task<void> { co_return; });
        BOOST_TEST(p.notes() == (at == "on_stop" ? "cleanup" : "on_stop, cleanup"));
        if (at == "never")
            BOOST_TEST(p.app.crashes.empty());
        else
            BOOST_TEST(p.app.crashes == std::vector<std::string>{"bean/a: " + at});
    }
}

BOOST_AUTO_TEST_CASE(stopped_while_it_waits_for_several_it_has_not_failed) {
    struct waits_for_two final : aio::bean::simple_server {
        using simple_server::simple_server;

        task<void> run() override {
            using namespace boost::asio::experimental::awaitable_operators;
            co_await (aio::async::sleep(1h) && aio::async::sleep(2h));
        }
    };

    pods p;
    p.bean<waits_for_two>("s");
    p.run("[bean/a]\ncore = m.s\n", []() -> task<void> { co_return; });
    BOOST_TEST(p.app.crashes.empty());
}

BOOST_AUTO_TEST_CASE(case_109_it_can_stop_itself_before_it_has_waited) {
    struct at_once final : aio::bean::simple_server {
        using simple_server::simple_server;

        task<void> run() override {
            stop();
            co_await aio::async::sleep(1h);
        }
    };

    pods p;
    p.bean<at_once>("s");
    p.run("[bean/a]\ncore = m.s\n", [&] { return p.all_ended(); });
    BOOST_TEST(p.app.ends.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_hook_may_add_and_remove_hooks_of_its_bean) {
    pods p;
    p.bean("s", []() -> task<void> { co_await aio::async::sleep(1h); });
    p.run("[bean/a]\ncore = m.s\n", [&]() -> task<void> {
        using aio::bean::stop_moment;
        auto& bean = dynamic_cast<aio::bean::bean&>(*p.beans.front());
        std::uint64_t first = 0;
        std::uint64_t third = 0;
        first = bean.at(stop_moment::cancellation, [&, text = std::string(50, 'x')] {
            bean.remove_handler(first);
            bean.remove_handler(third);
            for (int i = 0; i < 20; ++i)
                bean.at(stop_moment::cancellation, [&] { p.note("added"); });
            p.note(text.substr(0, 1));
        });
        bean.at(stop_moment::cancellation, [&] { p.note("second"); });
        third = bean.at(stop_moment::cancellation, [&] { p.note("third"); });
        bean.cancel();
        std::string expected;
        for (int i = 0; i < 20; ++i)
            expected += "added, ";
        BOOST_TEST(p.notes() == expected + "x, second");
        co_return;
    });
}

BOOST_AUTO_TEST_CASE(a_handler_may_remove_another_where_it_is_destroyed) {
    struct remover {
        aio::bean::bean& of;
        std::uint64_t number;

        ~remover() { BOOST_TEST(of.remove_handler(number)); }
    };

    pods p;
    p.bean("s", []() -> task<void> { co_await aio::async::sleep(1h); });
    p.run("[bean/a]\ncore = m.s\n", [&]() -> task<void> {
        using aio::bean::stop_moment;
        auto& bean = dynamic_cast<aio::bean::bean&>(*p.beans.front());
        const auto nothing = [] {};
        const auto other = bean.at(stop_moment::cancellation, nothing);
        auto kept = std::make_shared<remover>(bean, other);
        const auto number = bean.at(stop_moment::cancellation, [held = std::move(kept)] {});
        bean.at(stop_moment::cancellation, nothing);
        BOOST_TEST(bean.remove_handler(number));
        BOOST_TEST(!bean.remove_handler(other));
        co_return;
    });
}

BOOST_AUTO_TEST_SUITE_END()
