// The start, the states, the tree and the crash of a user's service.

#include "garden.hpp"

#include <aio/async/hop.hpp>

#include <thread>

using namespace test;

BOOST_AUTO_TEST_SUITE(service)

BOOST_AUTO_TEST_CASE(case_160_order_of_the_hooks) {
    garden g;
    root p(g);
    p.child("C1");
    p.child("C2");
    p.with("start", [&](plant& self) -> task<void> {
        self.spawn("background", [](garden& in) -> task<void> {
            try {
                co_await aio::async::sleep(1h);
            } catch (...) {
                in.note("P.task cancelled");
                throw;
            }
        }(g));
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        BOOST_TEST(
            g.notes() == "P.first_start, P.start, C1.first_start, C1.start, C1.started, "
                         "C2.first_start, C2.start, C2.started, P.started"
        );
        co_await stop(p);
        BOOST_TEST(
            g.notes() == "P.stop, C2.stop, C2.shutdown, C1.stop, C1.shutdown, P.task cancelled, "
                         "P.shutdown"
        );
    });
}

BOOST_AUTO_TEST_CASE(case_161_states) {
    garden g;
    root p(g);
    plant& c = p.child("C");
    p.with("start", [](plant& self) -> task<void> {
        BOOST_TEST((self.state() == state::starting));
        co_return;
    });
    for (const char* hook : {"stop", "shutdown"}) // stopped is what has stopped, and not before
        p.with(hook, [](plant& self) -> task<void> {
            BOOST_TEST((self.state() == (self.crash_reason() ? state::crashed : state::stopping)));
            BOOST_TEST(self.should_stop());
            co_await aio::async::sleep(1s);
        });
    BOOST_TEST((p.state() == state::init));
    g.run([&]() -> task<void> {
        co_await p.start();
        BOOST_TEST((p.state() == state::running && c.state() == state::running));
        co_await stop(p);
        BOOST_TEST((p.state() == state::stopped && c.state() == state::stopped));
        co_await p.start();
        BOOST_TEST(!p.should_stop());
        p.crash(boom());
        BOOST_TEST((p.state() == state::crashed && c.state() == state::crashed));
        co_await p.wait_stopped();
        BOOST_TEST((p.state() == state::crashed && c.state() == state::crashed));
    });
}

BOOST_AUTO_TEST_CASE(case_162_maybe_start_starts_once) {
    garden g;
    root p(g);
    g.run([&]() -> task<void> {
        BOOST_TEST(co_await p.maybe_start());
        BOOST_TEST(!co_await p.maybe_start());
        co_await stop(p);
        BOOST_TEST(co_await p.maybe_start());
        co_await stop(p);
    });
}

BOOST_AUTO_TEST_CASE(case_165_a_crash_anywhere_gives_the_whole_tree_its_reason) {
    for (int which = 0; which < 3; ++which) {
        garden g;
        root head(g);
        plant& middle = head.child("M");
        plant& leaf = middle.child("L");
        plant& other = head.child("O");
        plant* all[] = {&head, &middle, &leaf, &other};
        g.run([&]() -> task<void> {
            co_await head.start();
            g.notes();
            const auto why = boom();
            all[which]->crash(why);
            for (plant* one : all) {
                BOOST_TEST((one->crash_reason() == why));
                BOOST_TEST(one->should_stop());
            }
            co_await head.wait_stopped();
        });
        BOOST_TEST(
            g.notes() == "P.crash, P.stop, O.crash, O.stop, O.shutdown, M.crash, M.stop, L.crash, "
                         "L.stop, L.shutdown, M.shutdown, P.shutdown"
        );
        BOOST_TEST(g.app.crashes == std::vector<std::string>{"service/P: boom"});
    }
}

BOOST_AUTO_TEST_CASE(the_first_reason_counts_and_is_told_once) {
    garden g;
    root p(g);
    plant& c = p.child("C");
    g.run([&]() -> task<void> {
        co_await p.start();
        c.crash(boom("first"));
        p.crash(boom("second"));
        co_await p.wait_stopped();
    });
    BOOST_TEST(g.app.crashes == std::vector<std::string>{"service/P: first"});
}

BOOST_AUTO_TEST_CASE(a_restart_calls_on_restart_and_clears_the_reason) {
    garden g;
    root p(g);
    plant& c = p.child("C");
    g.run([&]() -> task<void> {
        co_await p.start();
        p.crash(boom());
        co_await p.wait_stopped();
        g.notes();
        co_await p.start();
        BOOST_TEST((p.crash_reason() == nullptr && c.crash_reason() == nullptr));
        BOOST_TEST(p.restarts() == 1u);
        BOOST_TEST(g.notes() == "P.restart, P.start, C.restart, C.start, C.started, P.started");
        co_await stop(p);
    });
    BOOST_TEST(g.app.logged("ERROR") == 1u);
}

BOOST_AUTO_TEST_CASE(an_error_of_any_hook_of_the_start_comes_out_of_start_and_all_is_stopped) {
    for (const std::string hook : {"first_start", "start", "started"}) {
        for (const bool in_child : {false, true}) {
            garden g;
            root p(g);
            plant& c = p.child("C");
            (in_child ? c : p).with(hook, [](plant&) -> task<void> {
                co_await aio::async::sleep(1s);
                throw std::runtime_error("cannot");
            });
            p.with("first_start", [hook, in_child](plant& self) -> task<void> {
                self.spawn("work", aio::async::sleep(1h));
                if (!in_child && hook == "first_start")
                    throw std::runtime_error("cannot");
                co_return;
            });
            g.run([&]() -> task<void> {
                BOOST_TEST(co_await error_of([&] { return p.start(); }) == "cannot");
                BOOST_TEST((p.state() == state::crashed));
                BOOST_TEST(p.unfinished().empty());
            });
            BOOST_TEST(g.notes().ends_with("P.shutdown"));
            BOOST_TEST(g.app.crashes.empty()); // start() has said it
            BOOST_TEST(g.app.logged("ERROR") == 1u);
        }
    }
}

BOOST_AUTO_TEST_CASE(first_start_is_tried_until_it_succeeds_once) {
    garden g;
    root p(g);
    int tries = 0;
    p.with("first_start", [&](plant&) -> task<void> {
        if (++tries == 1)
            throw std::runtime_error("not yet");
        co_return;
    });
    g.run([&]() -> task<void> {
        BOOST_TEST(co_await error_of([&] { return p.start(); }) == "not yet");
        co_await p.start();
        co_await stop(p);
        co_await p.start();
        co_await stop(p);
    });
    BOOST_TEST(tries == 2);
}

BOOST_AUTO_TEST_CASE(ready_before_on_start_has_ended) {
    garden g;
    root p(g);
    p.child("C");
    p.with("start", [](plant& self) -> task<void> {
        self.ready();
        co_await aio::async::sleep(10s);
        self.in.note("still starting at " + aio::base::format(self.in.now()));
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        BOOST_TEST((g.now() == 0s));
        BOOST_TEST((p.state() == state::running));
        co_await aio::async::sleep(11s);
        BOOST_TEST(
            g.notes() == "P.first_start, P.start, still starting at 10s, C.first_start, C.start, "
                         "C.started, P.started"
        );
        co_await stop(p);
        co_await p.start();
        g.notes();
        co_await stop(p); // in the middle of on_start
        BOOST_TEST(g.notes() == "P.stop, P.shutdown");
    });
    BOOST_TEST(g.app.logged("ERROR") == 0u);
}

BOOST_AUTO_TEST_CASE(an_error_after_ready_is_a_crash) {
    garden g;
    root p(g);
    p.with("start", [](plant& self) -> task<void> {
        self.ready();
        co_await aio::async::sleep(1s);
        throw std::runtime_error("late");
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        co_await p.wait_stopped();
    });
    BOOST_TEST(g.app.crashes == std::vector<std::string>{"service/P: late"});
}

BOOST_AUTO_TEST_CASE(case_171_path_depth_and_log_prefix) {
    garden g;
    root p(g);
    plant& c = p.child("C1");
    plant& leaf = c.child("L");
    g.run([&]() -> task<void> {
        co_await p.start();
        BOOST_TEST(p.path() == "P");
        BOOST_TEST(c.path() == "P/C1");
        BOOST_TEST(c.depth() == 2u);
        BOOST_TEST(leaf.path() == "P/C1/L");
        BOOST_TEST(leaf.depth() == 3u);
        BOOST_TEST(leaf.parent() == &c);
        BOOST_TEST(c.name() == "service/P/C1");
        c.log().info("hello");
        co_await stop(p);
    });
    BOOST_TEST(g.app.logged("INFO m [^P]: Starting") == 1u);
    BOOST_TEST(g.app.logged("INFO m.C1 [^-C1]: Started") == 1u);
    BOOST_TEST(g.app.logged("INFO m.C1.L [^--L]: Stopped") == 1u);
    BOOST_TEST(g.app.logged("INFO m.C1 hello") == 1u);
}

BOOST_AUTO_TEST_CASE(children_are_added_and_removed_while_it_runs) {
    garden g;
    root p(g);
    p.child("A");
    g.run([&]() -> task<void> {
        co_await p.start();
        g.notes();
        plant& b = p.child("B");
        co_await aio::async::sleep(1s);
        BOOST_TEST(g.notes() == "B.first_start, B.start, B.started");
        BOOST_TEST(p.children().size() == 2u);
        const auto back = co_await p.remove_child(b);
        BOOST_TEST(back.get() == &b);
        BOOST_TEST(g.notes() == "B.stop, B.shutdown");
        BOOST_TEST(p.children().size() == 1u);
        co_await stop(p);
        BOOST_TEST(g.notes() == "P.stop, A.stop, A.shutdown, P.shutdown");
        BOOST_CHECK_THROW((void)co_await p.remove_child(b), std::invalid_argument);
    });
}

BOOST_AUTO_TEST_CASE(a_child_that_was_removed_and_is_added_again_starts_again) {
    garden g;
    root p(g);
    p.child("A");
    plant& b = p.child("B");
    p.child("C");
    g.run([&]() -> task<void> {
        co_await p.start();
        auto back = co_await p.remove_child(b);
        g.notes();
        p.child("D"); // none is left out though one before it has gone
        p.add_child(std::move(back), "B");
        co_await aio::async::sleep(1s);
        BOOST_TEST(g.notes() == "D.first_start, D.start, D.started, B.restart, B.start, B.started");
        co_await stop(p);
        BOOST_TEST(
            g.notes() == "P.stop, B.stop, B.shutdown, D.stop, D.shutdown, C.stop, C.shutdown, "
                         "A.stop, A.shutdown, P.shutdown"
        );
        co_await p.start();
        BOOST_TEST((b.state() == state::running));
        co_await stop(p);
    });
}

BOOST_AUTO_TEST_CASE(a_child_added_late_that_cannot_start_crashes_the_tree) {
    garden g;
    root p(g);
    g.run([&]() -> task<void> {
        co_await p.start();
        p.child("B").with("start", [](plant&) -> task<void> {
            throw std::runtime_error("no");
            co_return;
        });
        co_await p.wait_stopped();
        BOOST_TEST((p.state() == state::crashed));
    });
    BOOST_TEST(g.app.crashes == std::vector<std::string>{"service/P: no"});
}

BOOST_AUTO_TEST_CASE(a_child_is_removed_while_it_starts) {
    garden g;
    root p(g);
    plant& c = p.child("C");
    c.with("start", [](plant&) -> task<void> { return aio::async::sleep(1h); });
    p.with("start", [&](plant& self) -> task<void> {
        self.spawn("remover", [](plant& of, plant& child) -> task<void> {
            co_await aio::async::sleep(1s);
            co_await of.remove_child(child);
        }(self, c));
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        BOOST_TEST((g.now() == 1s));
        BOOST_TEST(p.children().empty());
        co_await stop(p);
    });
    BOOST_TEST(g.app.crashes.empty());
}

BOOST_AUTO_TEST_CASE(children_added_while_the_first_start_wait_for_their_turn) {
    garden g;
    root p(g);
    for (const char* name : {"A", "B"})
        p.child(name).with("start", [](plant&) -> task<void> { co_await aio::async::sleep(1s); });
    p.with("start", [](plant& self) -> task<void> {
        self.spawn("adder", [](plant& of) -> task<void> {
            for (const char* name : {"C", "D"}) {
                co_await aio::async::sleep(400ms);
                of.child(name).with("start", [](plant&) -> task<void> {
                    co_await aio::async::sleep(1s);
                });
            }
        }(self));
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        BOOST_TEST(
            g.notes() == "P.first_start, P.start, A.first_start, A.start, A.started, "
                         "B.first_start, B.start, B.started, C.first_start, C.start, C.started, "
                         "D.first_start, D.start, D.started, P.started"
        );
        for (const char* name : {"E", "F"}) // late ones do not
            p.child(name).with("start", [](plant&) -> task<void> {
                co_await aio::async::sleep(1s);
            });
        co_await aio::async::sleep(1500ms);
        BOOST_TEST(
            g.notes() == "E.first_start, E.start, F.first_start, F.start, E.started, F.started"
        );
        co_await stop(p);
    });
}

BOOST_AUTO_TEST_CASE(nobody_starts_a_child_that_the_stop_of_its_parent_has_passed) {
    for (const bool by_crash : {false, true})
        for (const bool below : {false, true}) {
            garden g;
            root p(g);
            plant& first = p.child("C1");
            plant& second = p.child("C2");
            plant& one = below ? second.child("D") : second;
            aio::async::event passed;
            std::string error = "none";
            p.with("start", [&](plant& self) -> task<void> {
                self.spawn(
                    "starter",
                    [](plant& of, aio::async::event& at, std::string& error_) -> task<void> {
                        co_await at.wait();
                        BOOST_TEST(!co_await of.maybe_start());
                        error_ = co_await error_of([&of] { return of.start(); });
                        co_await of.start();
                    }(one, passed, error)
                );
                co_return;
            });
            first.with("shutdown", [&](plant&) -> task<void> {
                passed.set();
                co_await aio::async::sleep(1s);
            });
            g.run([&]() -> task<void> {
                co_await p.start();
                g.notes();
                if (by_crash)
                    p.crash(boom());
                else
                    p.begin_stop();
                co_await p.wait_stopped();
                BOOST_REQUIRE((one.state() == (by_crash ? state::crashed : state::stopped)));
                BOOST_TEST((one.crash_reason() != nullptr) == by_crash);
                BOOST_TEST(error.ends_with("does not start: its parent is stopping"), error);
                BOOST_TEST(g.notes().find("C2.start") == std::string::npos);
                BOOST_TEST(!co_await one.maybe_start()); // stopped is the same
                passed.reset();
                co_await p.start();
                BOOST_TEST((one.state() == state::running));
                co_await stop(p);
            });
            BOOST_TEST(g.app.logged("ERROR") == by_crash);
        }
}

BOOST_AUTO_TEST_CASE(two_starts_that_wait_for_one_stop_are_one_start) {
    garden g;
    root p(g);
    p.with("start", [](plant& self) -> task<void> {
        self.spawn("work", aio::async::sleep(1h));
        co_await aio::async::sleep(1s);
    });
    p.with("stop", [](plant&) -> task<void> { return aio::async::sleep(1s); });
    g.run([&]() -> task<void> {
        co_await p.start();
        p.begin_stop();
        aio::async::task_group starters(g.at);
        for (int i = 0; i < 2; ++i)
            starters.spawn("starter", [](plant& of) -> task<void> {
                co_await of.start();
                BOOST_TEST((of.state() == state::running));
            }(p));
        g.notes();
        co_await starters.join();
        BOOST_TEST(g.notes() == "P.shutdown, P.restart, P.start, P.started");
        BOOST_TEST(p.restarts() == 1u);
        co_await p.start(); // runs
        BOOST_TEST(p.restarts() == 1u);
        co_await stop(p);
    });
    BOOST_TEST(g.app.logged("ERROR") == 0u);
}

BOOST_AUTO_TEST_CASE(what_has_no_place_does_not_start_and_says_why) {
    garden g;
    root p(g);
    plant& c = p.child("C");
    const plant& below = c.child("D");
    plant loose(g, "L");
    g.run([&]() -> task<void> {
        BOOST_TEST(co_await error_of([&] {
                       return c.start();
                   }) == "service/P/C cannot start: its parent has not started it yet");
        BOOST_TEST(co_await error_of([&] {
                       return loose.start();
                   }) == "a service starts in its place: see place()");
        co_await p.start();
        co_await stop(p);
        p.with("start", [&](plant&) -> task<void> {
            BOOST_TEST(!co_await c.maybe_start());
            BOOST_CHECK_THROW(co_await c.start(), std::logic_error);
        });
        co_await p.start();
        const auto back = co_await p.remove_child(c);
        for (const plant* one : {static_cast<const plant*>(&c), &below})
            BOOST_CHECK_EXCEPTION(
                co_await const_cast<plant*>(one)->start(),
                std::logic_error,
                [&](const auto& e) {
                    return e.what() == one->name() + " cannot start: it has been removed";
                }
            );
        co_await stop(p);
    });
}

BOOST_AUTO_TEST_CASE(a_constructor_cannot_crash_or_end_what_has_not_started) {
    struct early : aio::service::service {
        explicit early(bool well) {
            if (well)
                done();
            else
                crash(boom());
        }
    };

    for (const bool well : {true, false})
        BOOST_CHECK_THROW(early{well}, std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_child_has_a_name_that_can_stand_in_a_path) {
    garden g;
    root p(g);
    for (const char* name : {"", "a/b", "/"})
        BOOST_CHECK_THROW(p.child(name), std::invalid_argument);
    BOOST_TEST(p.children().empty());
}

BOOST_AUTO_TEST_CASE(a_crash_in_on_shutdown_is_told_too) {
    garden g;
    root p(g);
    p.with("shutdown", [](plant& self) -> task<void> {
        self.crash(boom());
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        co_await stop(p);
    });
    BOOST_TEST(g.notes().ends_with("P.stop, P.shutdown, P.crash"));
}

BOOST_AUTO_TEST_CASE(done_ends_a_child_and_tells_the_app_of_a_root) {
    garden g;
    root p(g);
    plant& c = p.child("C");
    g.run([&]() -> task<void> {
        co_await p.start();
        c.done();
        co_await c.wait_stopped();
        BOOST_TEST((c.state() == state::stopped && p.state() == state::running));
        BOOST_TEST(g.app.ends.empty());
        p.done();
        BOOST_TEST(g.app.ends == std::vector<std::string>{"service/P"});
        co_await stop(p);
    });
}

BOOST_AUTO_TEST_CASE(case_187_calls_from_another_thread) {
    garden g;
    aio::async::loop own("own", 1);
    std::thread thread;
    aio::service::common_spec common;
    common.section = "service/T";
    plant t(g, "T");
    t.place(
        common,
        aio::service::context(std::make_shared<const aio::service::context_data>(
            "T", common.section, aio::config::options{}, g.app, g.app.log("m")
        )),
        own
    );
    thread = std::thread([&] { own.run(); });
    aio::async::loop main("main");
    test::run(main, [&]() -> task<void> {
        const auto here = std::this_thread::get_id();
        co_await aio::async::on(own, [&] { return t.start(); });
        BOOST_TEST(co_await t.call([&] {
            return std::this_thread::get_id() == here ? 0 : 7 * 7;
        }) == 49);
        BOOST_TEST(co_await t.call([]() -> task<int> { co_return 4; }) == 4);
        aio::async::event cast_done;
        t.cast([&]() -> task<void> {
            main.post([&] { cast_done.set(); });
            co_return;
        });
        co_await cast_done.wait();
        BOOST_TEST(co_await error_of([&] {
                       return t.call([]() -> task<void> {
                           throw std::runtime_error("crossed");
                           co_return;
                       });
                   }) == "crossed");
        co_await aio::async::on(own, [&] { return stop(t); });
        t.with("start", [](plant&) -> task<void> {
            throw std::runtime_error("port in use");
            co_return;
        });
        BOOST_TEST(co_await error_of([&] {
                       return aio::async::on(own, [&] { return t.start(); });
                   }) == "port in use");
    });
    own.stop();
    thread.join();
}

BOOST_AUTO_TEST_CASE(an_error_of_a_cast_crashes_it) {
    garden g;
    root p(g);
    g.run([&]() -> task<void> {
        co_await p.start();
        p.cast([]() -> task<void> {
            throw std::runtime_error("cast");
            co_return;
        });
        co_await p.wait_stopped();
        p.cast([&g]() -> task<void> {
            g.note("never");
            co_return;
        });
    });
    BOOST_TEST(g.app.crashes == std::vector<std::string>{"service/P: cast"});
    BOOST_TEST(g.notes().find("never") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
