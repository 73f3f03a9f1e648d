// Calls into a service end with it, whichever loop it is on and whoever ends it.

#include "../support/cpu_time.hpp"
#include "field.hpp"

#include <aio/async/event.hpp>
#include <aio/async/hop.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

using namespace test;

namespace {

/// Answers late.
struct slow : crop {
    using crop::crop;

    task<int> answer() {
        in.main->post([told = asked] { told->set(); });
        co_await aio::async::sleep(300ms);
        co_return number;
    }

    int number = 7;
    /// A call is at work. Main loop.
    std::shared_ptr<aio::async::event> asked = std::make_shared<aio::async::event>();
};

slow& add(crop& parent, bool apart) {
    auto child = std::make_unique<slow>(parent.in, "C");
    return apart ? parent.add_child(std::move(child), "C", aio::service::own_loop)
                 : parent.add_child(std::move(child), "C");
}

/// What comes of a call, and when.
struct caller {
    explicit caller(aio::async::loop& home) : group(home) {}

    task<void> run(slow& target) {
        try {
            value = co_await target.call([&target] { return target.answer(); });
        } catch (const boost::system::system_error& e) {
            aborted = e.code() == boost::asio::error::operation_aborted;
            text = e.what();
        }
    }

    void call(slow& target) { group.spawn("caller", run(target)); }

    aio::async::task_group group;
    std::optional<int> value;
    bool aborted = false;
    std::string text;
};

} // namespace

BOOST_AUTO_TEST_SUITE(service_call)

BOOST_AUTO_TEST_CASE(one_that_runs_when_the_service_is_removed_ends_before_it_is_given_back) {
    for (const bool apart : {false, true}) {
        field f;
        head p(f);
        slow& c = add(p, apart);
        f.run([&]() -> task<void> {
            co_await p.start();
            caller one(*f.main);
            one.call(c);
            co_await c.asked->wait();
            {
                const auto gone = co_await p.remove_child(c);
            }
            co_await one.group.join();
            BOOST_TEST(one.aborted);
            BOOST_TEST(one.text.starts_with("service/P/C has stopped"), one.text);
            co_await stop(p);
        });
        BOOST_TEST(f.app->crashes.empty());
    }
}

BOOST_AUTO_TEST_CASE(one_that_runs_when_the_service_stops_ends_with_its_tasks) {
    for (const bool apart : {false, true}) {
        field f;
        head p(f);
        slow& c = add(p, apart);
        f.run([&]() -> task<void> {
            co_await p.start();
            p.spawn("caller", [](slow& of) -> task<void> {
                co_await of.call([&of] { return of.answer(); }); // nobody catches anything
            }(c));
            co_await c.asked->wait();
            co_await stop(p);
            BOOST_TEST((c.state() == state::stopped && p.state() == state::stopped));
        });
        BOOST_TEST(f.app->crashes.empty());
        BOOST_TEST(f.app->logged("ERROR") == 0u);
    }
}

BOOST_AUTO_TEST_CASE(hooks_of_the_stop_may_call_and_are_answered) {
    for (const bool apart : {false, true}) {
        field f;
        head p(f);
        slow& c = add(p, apart);
        int answers = 0; // main loop only
        const auto ask = [&](crop&) -> task<void> {
            answers += co_await c.call([&c] { return c.answer(); }) == 7;
        };
        p.hooks["stop"] = p.hooks["shutdown"] = ask; // it has stopped by the second
        for (const char* hook : {"stop", "shutdown"})
            c.hooks[hook] = [&](crop&) -> task<void> {
                const int got = co_await c.call([&c] { return c.answer(); });
                f.note("itself: " + std::to_string(got));
            };
        f.run([&]() -> task<void> {
            co_await p.start();
            co_await stop(p);
        });
        BOOST_TEST(answers == 2);
        const std::string all = f.notes();
        BOOST_TEST(all.ends_with("P.stop, C.stop, itself: 7, C.shutdown, itself: 7, P.shutdown"));
        BOOST_TEST(f.app->logged("ERROR") == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_service_that_calls_itself_stops_all_the_same) {
    for (const bool apart : {false, true}) {
        field f;
        head p(f);
        slow& c = add(p, apart);
        c.hooks["start"] = [&](crop& self) -> task<void> {
            self.spawn("asks itself", [](slow& of) -> task<void> {
                for (;;)
                    co_await of.call([&of] { return of.answer(); });
            }(c));
            co_return;
        };
        f.run([&]() -> task<void> {
            co_await p.start();
            c.asked->reset();
            caller other(*f.main);
            other.call(c); // and waits in it for its own end
            co_await c.asked->wait();
            co_await stop(p);
            co_await other.group.join();
            BOOST_TEST(other.aborted);
        });
        BOOST_TEST(f.app->logged("ERROR") == 0u);
    }
}

BOOST_AUTO_TEST_CASE(one_made_after_the_stop_ends_when_the_service_is_removed) {
    for (const bool apart : {false, true}) {
        field f;
        head p(f);
        slow& c = add(p, apart);
        f.run([&]() -> task<void> {
            co_await p.start();
            co_await aio::async::on(c.home(), [&c] { return stop(c); });
            BOOST_TEST(co_await c.call([&c] { return c.answer(); }) == 7);
            c.asked->reset();
            caller one(*f.main);
            one.call(c);
            co_await c.asked->wait();
            {
                const auto gone = co_await p.remove_child(c);
            }
            co_await one.group.join();
            BOOST_TEST(one.aborted);
            co_await stop(p);
        });
    }
}

BOOST_AUTO_TEST_CASE(one_that_does_not_end_is_named_while_the_stop_waits) {
    garden g;
    root p(g);
    g.run([&]() -> task<void> {
        co_await p.start();
        aio::async::event end;
        aio::async::task_group callers(g.at);
        callers.spawn("caller", [](root& of, aio::async::event& until) -> task<void> {
            co_await of.call([&until]() -> task<void> {
                co_await boost::asio::this_coro::reset_cancellation_state(
                    boost::asio::disable_cancellation()
                );
                co_await until.wait("the end of the world");
            });
        }(p, end));
        p.begin_stop();
        co_await aio::async::sleep(1s);
        const auto left = p.unfinished();
        BOOST_REQUIRE(left.size() == 1u);
        BOOST_TEST(
            left[0] == "service/P: a call from caller awaits the end of the world for 1.0 s"
        );
        end.set();
        co_await p.wait_stopped();
        co_await callers.join();
    });
}

BOOST_AUTO_TEST_CASE(a_task_of_a_child_may_have_the_child_removed_and_is_cancelled_in_the_call) {
    garden g;
    root p(g);
    auto& c = p.child("C");
    g.run([&]() -> task<void> {
        co_await p.start();
        c.spawn("remove", [](garden& in, root& from, aio::service::service& own) -> task<void> {
            try {
                co_await from.call([&from, &own] { return from.remove_child(own); });
            } catch (const boost::system::system_error&) {
                in.note("cancelled");
            }
        }(g, p, c));
        co_await c.wait_stopped();
        BOOST_TEST(g.at.snapshot().size() == 1u);
        co_await stop(p);
    });
    BOOST_TEST(g.notes().find("cancelled") != std::string::npos);
}

namespace {

constexpr std::size_t how_many = 2000;

/// The cost of an end of very many calls or waits, as a multiple of the cost of their start: 0.04
/// and 0.5, whatever their number. A search among all of them at each end would add a multiple of
/// their number.
struct cost_of_end {
    double cancellation = 0;
    double ordinary = 0;

    void check() const {
        BOOST_TEST(cancellation < 0.8);
        BOOST_TEST(ordinary < 1.2);
    }
};

template <typename Begin>
cost_of_end measure(Begin begin) {
    garden g;
    root p(g);
    cost_of_end cost;
    g.run([&]() -> task<void> {
        for (const bool cancelled : {true, false}) {
            co_await p.start();
            aio::async::event end;
            aio::async::task_group all(g.at);
            const auto started = test::cpu_time_of([&] {
                for (std::size_t i = 0; i < how_many; ++i)
                    all.spawn("one", begin(p, end));
            });
            const auto before = test::cpu_time();
            if (cancelled)
                p.cancel(); // asks for the end of each, and no more within this call
            else
                end.set();
            if (!cancelled)
                co_await all.join();
            const auto ended = test::cpu_time() - before;
            (cancelled ? cost.cancellation : cost.ordinary) =
                static_cast<double>(ended.count()) / static_cast<double>(started.count());
            co_await all.join();
            co_await stop(p);
        }
    });
    BOOST_TEST_MESSAGE("cancellation " << cost.cancellation << ", ordinary " << cost.ordinary);
    return cost;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_end_of_a_call_does_not_cost_more_because_there_are_many) {
    const auto cost = measure([](root& of, aio::async::event& end) -> task<void> {
        try {
            co_await of.call([&end] { return end.wait(); });
        } catch (const boost::system::system_error& e) {
            BOOST_REQUIRE((e.code() == boost::asio::error::operation_aborted));
        }
    });
    cost.check();
}

BOOST_AUTO_TEST_CASE(the_end_of_a_wait_does_not_cost_more_because_there_are_many) {
    const auto cost = measure([](root& of, aio::async::event& end) -> task<void> {
        co_await of.wait(end.wait());
    });
    cost.check();
}

BOOST_AUTO_TEST_CASE(calls_that_a_cancellation_ends_at_once_leave_in_peace) {
    garden g;
    root p(g);
    g.run([&]() -> task<void> {
        co_await p.start();
        aio::async::event never;
        aio::async::task_group first(g.at), second(g.at);
        const auto call = [](root& of, aio::async::event& until) -> task<void> {
            co_await of.call([&until] { return until.wait(); });
        };
        for (int i = 0; i < 10; ++i)
            (i % 2 ? first : second).spawn("caller", call(p, never));
        first.cancel(); // they end in the turn of the stop
        p.begin_stop();
        p.cancel();
        co_await p.wait_stopped();
        co_await first.join();
        try {
            co_await second.join();
        } catch (const boost::system::system_error& e) {
            BOOST_TEST((e.code() == boost::asio::error::operation_aborted));
        }
    });
}

BOOST_AUTO_TEST_CASE(what_cannot_be_called_is_named_and_a_cast_to_it_does_nothing) {
    for (const bool apart : {false, true}) {
        field f;
        head p(f);
        slow& c = add(p, apart);
        std::atomic<bool> ran = false;
        const auto cast = [&](slow& to) {
            to.cast([&]() -> task<void> {
                ran = true;
                co_return;
            });
        };
        f.run([&]() -> task<void> {
            cast(c);
            BOOST_TEST(co_await error_of([&] {
                           return c.call([] {});
                       }) == "service/P/C cannot be called: it has not started yet");
            co_await p.start();
            const auto back = co_await p.remove_child(c);
            cast(c);
            BOOST_TEST(co_await error_of([&] {
                           return c.call([] {});
                       }) == "service/P/C cannot be called: it has been removed");
            co_await stop(p);
        });
        BOOST_TEST(!ran);
    }
}

BOOST_AUTO_TEST_CASE(a_root_that_has_not_started_cannot_be_called) {
    garden g;
    root p(g);
    g.run([&]() -> task<void> {
        BOOST_TEST(co_await error_of([&] {
                       return p.call([] {});
                   }) == "service/P cannot be called: it has not started yet");
        co_await p.start();
        co_await p.call([] {});
        co_await stop(p);
    });
}

BOOST_AUTO_TEST_CASE(under_any_seed_calls_from_anywhere_and_a_removal_end_well) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        field f(seed);
        head p(f);
        slow& c = add(p, seed % 2 == 0);
        slow& below = add(c, seed % 3 == 0);
        f.run([&]() -> task<void> {
            co_await p.start();
            std::vector<std::unique_ptr<caller>> all;
            for (int i = 0; i < 10; ++i) {
                all.push_back(std::make_unique<caller>(*f.main));
                all.back()->call(i % 2 ? c : below);
                co_await aio::async::sleep(std::chrono::milliseconds(f.time->random() % 60));
            }
            {
                const auto gone = co_await p.remove_child(c);
            }
            for (const auto& one : all) {
                co_await one->group.join();
                BOOST_TEST((one->aborted || one->value == 7), "seed " << seed);
            }
            co_await stop(p);
        });
    }
}

namespace {

/// Calls as soon as the last call has come to something.
task<void> call_on_and_on(field& f, slow& target, const bool& over) {
    const auto end = f.time->now() + 1min;
    while (!over && f.time->now() < end) {
        caller one(*f.main);
        co_await one.run(target);
        BOOST_TEST((one.aborted || one.value == 7));
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(under_any_seed_a_stop_does_not_wait_for_callers_that_never_cease) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        field f(seed);
        head p(f);
        slow& c = add(p, seed % 2 == 0);
        f.run([&]() -> task<void> {
            co_await p.start();
            bool over = false;
            aio::async::task_group callers(*f.main);
            for (int i = 0; i < 10; ++i)
                callers.spawn("caller", call_on_and_on(f, c, over));
            co_await aio::async::sleep(std::chrono::milliseconds(f.time->random() % 400));
            const auto begun = f.time->now();
            if (seed % 3 == 0)
                p.crash(boom());
            else
                p.begin_stop();
            if (seed % 5 == 0)
                p.cancel();
            co_await p.wait_stopped();
            BOOST_TEST((f.time->now() == begun), "seed " << seed);
            co_await p.start(); // answered again
            BOOST_TEST(co_await c.call([&c] { return c.answer(); }) == 7);
            over = true;
            co_await callers.join();
            co_await stop(p);
        });
    }
}

namespace {

/// Two that do not depend on each other; a task of one calls into the other.
struct strangers {
    strangers() {
        a.with("start", [this](plant& self) -> task<void> {
            self.spawn("asks", [](root& of) -> task<void> {
                co_await of.call([] { return aio::async::sleep(1h); }); // nobody catches anything
            }(b));
            co_return;
        });
    }

    garden g;
    root a{g, "A"};
    root b{g, "B"};
};

} // namespace

BOOST_AUTO_TEST_CASE(one_that_nobody_catches_is_no_crash_when_the_app_stops) {
    strangers s;
    s.g.run([&]() -> task<void> {
        co_await s.b.start();
        co_await s.a.start();
        for (root* one : {&s.b, &s.a})
            one->end_intake();
        co_await stop(s.b);
        BOOST_TEST((s.a.state() == state::running));
        co_await stop(s.a);
        co_await s.b.start(); // a new life
        co_await s.a.start();
        co_await stop(s.b);
        co_await s.a.wait_stopped();
    });
    BOOST_TEST(s.g.app.crashes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(one_that_nobody_catches_is_a_crash_that_says_what_to_do) {
    strangers s;
    s.g.run([&]() -> task<void> {
        co_await s.b.start();
        co_await s.a.start();
        co_await stop(s.b);
        co_await s.a.wait_stopped();
    });
    BOOST_TEST(s.g.app.crashes.size() == 1u);
    BOOST_TEST(s.g.app.crashes.front().starts_with("service/A: service/B has stopped"));
    BOOST_TEST(s.g.app.logged("[^A]: asks failed: service/B has stopped") == 1u);
    BOOST_TEST(s.g.app.logged("when that stops first: catch operation_aborted)") == 1u);
}

BOOST_AUTO_TEST_CASE(one_that_comes_when_the_stop_is_forced_is_aborted) {
    garden g;
    root p(g);
    p.with("stop", [](plant&) -> task<void> {
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation(
        ));
        co_await aio::async::sleep(10s);
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        p.begin_stop();
        BOOST_TEST(co_await p.call([] { return 7; }) == 7);
        p.cancel();
        const std::string text = co_await error_of([&] { return p.call([] {}); });
        BOOST_TEST(text.starts_with("service/P has stopped"), text);
        co_await p.wait_stopped();
        BOOST_TEST(co_await p.call([] { return 7; }) == 7);
    });
}

BOOST_AUTO_TEST_SUITE_END()
