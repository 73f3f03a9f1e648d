// The stop of a user's service, whatever its hooks do: nothing of it is left.

#include "garden.hpp"

#include <aio/async/event.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

using namespace test;

namespace {

task<void> note_end(garden& g, std::string what) {
    try {
        co_await aio::async::sleep(1h);
    } catch (...) {
        g.note(std::move(what));
        throw;
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(service_stop)

BOOST_AUTO_TEST_CASE(case_164_a_stop_error_of_a_child_does_not_prevent_its_siblings) {
    garden g;
    root p(g);
    p.child("A");
    p.child("B").with("stop", [](plant&) -> task<void> {
        throw std::runtime_error("no stop");
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        g.notes();
        co_await stop(p);
        BOOST_TEST(g.notes() == "P.stop, B.stop, B.shutdown, A.stop, A.shutdown, P.shutdown");
    });
    BOOST_TEST(g.app.logged("[^-B]: on_stop failed: no stop") == 1u);
    BOOST_TEST(g.app.crashes.empty());
}

namespace {

/// Its hooks are plain functions that throw when they are called.
struct thrower : aio::service::service {
    task<void> on_stop() override { throw std::runtime_error("plain stop"); }

    task<void> on_shutdown() override { throw std::runtime_error("plain shutdown"); }
};

} // namespace

BOOST_AUTO_TEST_CASE(a_task_that_throws_during_on_stop_is_a_crash_that_on_crash_hears_of) {
    garden g;
    root p(g);
    p.with("start", [](plant& self) -> task<void> {
        self.spawn("late", []() -> task<void> {
            co_await aio::async::sleep(1s);
            throw std::runtime_error("too late");
        }());
        co_return;
    });
    p.with("stop", [](plant&) -> task<void> { co_await aio::async::sleep(2s); });
    g.run([&]() -> task<void> {
        co_await p.start();
        g.notes();
        co_await stop(p);
        BOOST_TEST(g.notes() == "P.stop, P.crash, P.shutdown");
        BOOST_TEST((p.state() == state::crashed));
    });
    BOOST_TEST(g.app.crashes == std::vector<std::string>{"service/P: too late"});
}

BOOST_AUTO_TEST_CASE(a_crash_without_a_reason_and_a_child_that_is_none_are_refused) {
    garden g;
    root p(g);
    BOOST_CHECK_THROW(p.crash(nullptr), std::invalid_argument);
    BOOST_CHECK_THROW(p.add_child(std::unique_ptr<plant>(), "C"), std::invalid_argument);
    BOOST_TEST(p.children().empty());
}

BOOST_AUTO_TEST_CASE(hooks_that_are_no_coroutines_may_throw_too) {
    garden g;
    root p(g);
    p.add_child(std::make_unique<thrower>(), "T");
    g.run([&]() -> task<void> {
        co_await p.start();
        co_await stop(p);
    });
    BOOST_TEST(g.app.logged("on_stop failed: plain stop") == 1u);
    BOOST_TEST(g.app.logged("on_shutdown failed: plain shutdown") == 1u);
}

BOOST_AUTO_TEST_CASE(case_166_a_stop_waits_for_what_on_stop_waits_for) {
    garden g;
    root p(g);
    aio::async::event finished;
    p.with("start", [&](plant& self) -> task<void> {
        self.spawn("background", [](plant& of, aio::async::event& flag) -> task<void> {
            while (co_await of.sleep(10s)) {
            }
            co_await aio::async::sleep(2s); // what is in work is finished
            flag.set();
        }(self, finished));
        co_return;
    });
    p.with("stop", [&](plant&) -> task<void> { return finished.wait(); });
    g.run([&]() -> task<void> {
        co_await p.start();
        co_await aio::async::sleep(1s);
        co_await stop(p);
        BOOST_TEST((g.now() == 3s));
        BOOST_TEST(finished.is_set());
    });
}

BOOST_AUTO_TEST_CASE(case_167_sleep_ends_early_on_stop_and_on_crash) {
    for (const bool by_crash : {false, true}) {
        garden g;
        root p(g);
        p.with("start", [](plant& self) -> task<void> {
            self.spawn("sleeper", [](plant& of) -> task<void> {
                const bool whole = co_await of.sleep(1000s);
                of.in.note(whole ? "whole" : "early");
            }(self));
            co_return;
        });
        g.run([&]() -> task<void> {
            co_await p.start();
            co_await aio::async::sleep(1s);
            if (by_crash)
                p.crash(boom());
            else
                p.begin_stop();
            co_await p.wait_stopped();
            BOOST_TEST((g.now() == 1s));
        });
        const std::string all = g.notes();
        BOOST_TEST(all.find("early") != all.npos, all);
    }
}

BOOST_AUTO_TEST_CASE(wait_gives_what_was_waited_for_or_nothing) {
    garden g;
    root p(g);
    p.with("start", [](plant& self) -> task<void> {
        const auto number = co_await self.wait([]() -> task<int> {
            co_await aio::async::sleep(1s);
            co_return 7;
        }());
        BOOST_TEST((number == 7));
        self.spawn("waiter", [](plant& of) -> task<void> {
            const auto never = co_await of.wait([]() -> task<int> {
                co_await aio::async::sleep(1h);
                co_return 8;
            }());
            BOOST_TEST(!never.has_value());
            of.in.note("nothing");
        }(self));
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        g.notes();
        co_await stop(p);
        BOOST_TEST(g.notes() == "P.stop, nothing, P.shutdown");
    });
}

BOOST_AUTO_TEST_CASE(what_was_waited_for_may_be_several) {
    using namespace boost::asio::experimental::awaitable_operators;
    garden g;
    root p(g);
    p.with("start", [](plant& self) -> task<void> {
        self.spawn("waiter", [](plant& of) -> task<void> {
            task<void> both = aio::async::sleep(1h) && aio::async::sleep(2h);
            of.in.note(co_await of.wait(std::move(both)) ? "whole" : "early");
        }(self));
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        g.notes();
        co_await stop(p);
        BOOST_TEST(g.notes() == "P.stop, early, P.shutdown");
    });
}

BOOST_AUTO_TEST_CASE(an_error_of_what_was_waited_for_comes_out) {
    garden g;
    root p(g);
    p.with("start", [](plant& self) -> task<void> {
        const bool done = co_await self.wait([]() -> task<void> {
            throw std::runtime_error("inside");
            co_return;
        }());
        BOOST_TEST(!done);
    });
    g.run([&]() -> task<void> {
        BOOST_TEST(co_await error_of([&] { return p.start(); }) == "inside");
    });
}

BOOST_AUTO_TEST_CASE(resources_are_left_in_reverse_after_the_tasks) {
    garden g;
    root p(g);
    p.with("start", [](plant& self) -> task<void> {
        for (const char* name : {"one", "two", "three"})
            self.on_exit([&self, name]() -> task<void> {
                co_await aio::async::sleep(1s);
                self.in.note(name);
                if (std::string_view(name) == "two")
                    throw std::runtime_error("cannot leave");
            });
        self.spawn("t", note_end(self.in, "task"));
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        g.notes();
        co_await stop(p);
        BOOST_TEST(g.notes() == "P.stop, task, three, two, one, P.shutdown");
        co_await p.start(); // entered anew
        g.notes();
        co_await stop(p);
        BOOST_TEST(g.notes() == "P.stop, task, three, two, one, P.shutdown");
    });
    BOOST_TEST(g.app.logged("on_exit failed: cannot leave") == 2u);
}

BOOST_AUTO_TEST_CASE(an_error_of_a_task_crashes_it) {
    garden g;
    root p(g);
    p.with("start", [](plant& self) -> task<void> {
        self.spawn("bad", []() -> task<void> {
            co_await aio::async::sleep(1s);
            throw std::runtime_error("bad task");
        }());
        self.spawn("other", note_end(self.in, "other cancelled"));
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        g.notes();
        co_await p.wait_stopped();
        BOOST_TEST(g.notes() == "P.crash, P.stop, other cancelled, P.shutdown");
    });
    BOOST_TEST(g.app.crashes == std::vector<std::string>{"service/P: bad task"});
    BOOST_TEST(g.app.logged("[^P]: bad failed: bad task") == 1u);
}

BOOST_AUTO_TEST_CASE(a_stop_during_each_hook_of_the_start_is_obeyed) {
    for (const std::string hook : {"first_start", "start", "started"}) {
        for (const bool in_child : {false, true}) {
            for (const bool by_cancel : {false, true}) {
                garden g;
                root p(g);
                plant& c = p.child("C");
                (in_child ? c : p).with(hook, [](plant& self) -> task<void> {
                    self.spawn("work", aio::async::sleep(1h));
                    co_await aio::async::sleep(1h);
                });
                g.run([&]() -> task<void> {
                    aio::async::task_group owner(g.at);
                    std::string error;
                    owner.spawn("starter", [](plant& of, std::string& into) -> task<void> {
                        into = co_await error_of([&of] { return of.start(); });
                    }(p, error));
                    co_await aio::async::sleep(1s);
                    if (by_cancel)
                        owner.cancel();
                    else
                        p.begin_stop();
                    co_await p.wait_stopped();
                    co_await owner.join();
                    BOOST_TEST(!error.empty());
                    BOOST_TEST((g.now() == 1s));
                    BOOST_TEST((p.state() == state::stopped));
                    BOOST_TEST(p.unfinished().empty());
                });
                const std::string all = g.notes();
                BOOST_TEST(all.ends_with("P.shutdown"), all);
                BOOST_TEST(g.app.crashes.empty());
                BOOST_TEST(g.app.logged("ERROR") == 0u);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_crash_inside_on_stop_is_kept_and_the_stop_goes_on) {
    garden g;
    root p(g);
    p.child("C").with("stop", [](plant& self) -> task<void> {
        self.crash(boom("in on_stop"));
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        g.notes();
        co_await stop(p);
        BOOST_TEST((p.crash_reason() != nullptr));
        BOOST_TEST((p.state() == state::crashed));
        BOOST_TEST(g.notes() == "P.stop, C.stop, C.crash, C.shutdown, P.crash, P.shutdown");
    });
    BOOST_TEST(g.app.logged("[^-C]: Crashed: in on_stop") == 1u);
}

BOOST_AUTO_TEST_CASE(hooks_that_hang_are_cancelled_and_the_others_still_called) {
    garden g;
    root p(g);
    plant& c = p.child("C");
    for (plant* one : {static_cast<plant*>(&p), &c})
        for (const char* hook : {"stop", "shutdown"})
            one->with(hook, [](plant&) -> task<void> { return aio::async::sleep(1h); });
    p.with("start", [](plant& self) -> task<void> {
        self.on_exit([]() -> task<void> { return aio::async::sleep(1h); });
        self.spawn("t", note_end(self.in, "task"));
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        g.notes();
        p.begin_stop();
        co_await aio::async::sleep(1s);
        BOOST_TEST(p.unfinished().size() == 2u); // the task and the hook
        p.cancel();
        co_await p.wait_stopped();
        BOOST_TEST((g.now() == 1s));
        BOOST_TEST(g.notes() == "P.stop, C.stop, task, C.shutdown, P.shutdown");
    });
    BOOST_TEST(g.app.logged("was cut off, its time was over") == 5u); // two of each, and on_exit
    BOOST_TEST(g.app.logged("ERROR") == 5u);
}

BOOST_AUTO_TEST_CASE(a_task_that_spawns_while_it_is_cancelled_leaves_nothing) {
    garden g;
    root p(g);
    p.with("start", [](plant& self) -> task<void> {
        self.spawn("hydra", [](plant& of) -> task<void> {
            bool cancelled = false;
            try {
                co_await aio::async::sleep(1h);
            } catch (...) {
                cancelled = true;
            }
            if (cancelled)
                of.spawn("head", note_end(of.in, "head"));
        }(self));
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        co_await stop(p);
        BOOST_TEST((g.now() == 0s));
        BOOST_TEST(p.unfinished().empty());
    });
}

BOOST_AUTO_TEST_CASE(a_wait_for_its_end_may_be_cancelled_and_repeated) {
    garden g;
    root p(g);
    p.with("stop", [](plant&) -> task<void> { return aio::async::sleep(10s); });
    g.run([&]() -> task<void> {
        co_await p.start();
        p.begin_stop();
        p.begin_stop();
        aio::async::task_group others(g.at);
        others.spawn("waiter", p.wait_stopped());
        others.cancel();
        co_await others.join();
        co_await p.wait_stopped();
        BOOST_TEST((g.now() == 10s));
    });
}

BOOST_AUTO_TEST_SUITE_END()
