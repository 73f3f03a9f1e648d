// A child on a loop of its own: where things run, in which order it starts and stops, and what
// crosses between the loops.

#include "field.hpp"

#include <aio/async/hop.hpp>

#include <atomic>
#include <thread>

using namespace test;

namespace {

task<void> fails(crop&) {
    throw std::runtime_error("port in use");
    co_return;
}

} // namespace

BOOST_AUTO_TEST_SUITE(service_apart)

BOOST_AUTO_TEST_CASE(hooks_tasks_and_timers_run_on_its_loop_and_thread) {
    field f;
    head p(f);
    crop& c = p.own_child("C");
    aio::async::event ticked;
    std::atomic<bool> at_home = true;
    c.hooks["start"] = [&](crop& self) -> task<void> {
        self.every(1ms, [&]() -> task<void> {
            at_home = at_home && self.home().running_here();
            f.main->post([&] { ticked.set(); });
            co_return;
        });
        co_return;
    };
    f.run([&]() -> task<void> {
        co_await p.start();
        BOOST_TEST(&c.home() != f.main.get());
        BOOST_TEST(c.home().name() == "service/P/C");
        BOOST_TEST(c.path() == "P/C");
        BOOST_TEST((c.state() == state::running));
        co_await ticked.wait();
        const auto there = co_await c.call([] { return std::this_thread::get_id(); });
        BOOST_TEST((there != std::this_thread::get_id()));
        co_await stop(p);
        BOOST_TEST((c.state() == state::stopped));
    });
    BOOST_TEST(at_home);
    BOOST_TEST(
        f.notes() ==
        "P.first_start, P.start, C.first_start, C.start, C.started, P.started, P.stop, "
        "C.stop, C.shutdown, P.shutdown"
    );
    BOOST_TEST(f.app->logged("INFO m.C [^-C]: Started") == 1u);
    BOOST_TEST(f.app->logged("ERROR") == 0u);
}

BOOST_AUTO_TEST_CASE(it_starts_beside_those_that_follow_and_stops_in_its_turn) {
    field f;
    head p(f);
    p.child("A");
    crop& b = p.own_child("B");
    p.child("C");
    b.child("D");
    f.run([&]() -> task<void> {
        co_await p.start();
        BOOST_TEST(
            f.notes() == "P.first_start, P.start, A.first_start, A.start, A.started, "
                         "C.first_start, C.start, C.started, B.first_start, B.start, "
                         "D.first_start, D.start, D.started, B.started, P.started"
        );
        co_await stop(p);
        BOOST_TEST(
            f.notes() == "P.stop, C.stop, C.shutdown, B.stop, D.stop, D.shutdown, B.shutdown, "
                         "A.stop, A.shutdown, P.shutdown"
        );
    });
}

BOOST_AUTO_TEST_CASE(an_error_of_its_start_reaches_the_start_of_its_parent) {
    field f;
    head p(f);
    crop& c = p.own_child("C");
    crop& other = p.own_child("O");
    c.hooks["start"] = fails;
    f.run([&]() -> task<void> {
        BOOST_TEST(co_await error_of([&] { return p.start(); }) == "port in use");
        BOOST_TEST((p.state() == state::crashed));
        BOOST_TEST((c.state() == state::crashed));
        BOOST_TEST((other.state() == state::crashed || other.state() == state::init));
        c.hooks.clear();
        co_await p.start();
        BOOST_TEST((c.state() == state::running));
        co_await stop(p);
    });
    BOOST_TEST(f.app->crashes.empty()); // start() has said it
    BOOST_TEST(f.app->logged("Start failed: port in use") == 1u);
}

BOOST_AUTO_TEST_CASE(its_crash_is_that_of_the_whole_tree_on_all_its_loops) {
    for (const int which : {0, 1, 2, 3}) {
        field f;
        head p(f);
        crop& c = p.own_child("C");
        crop& below = c.child("D");
        crop& other = p.own_child("O");
        crop* all[] = {&p, &c, &below, &other};
        f.run([&]() -> task<void> {
            co_await p.start();
            crop& one = *all[which];
            co_await one.call([&one] { one.crash(boom()); });
            co_await p.wait_stopped();
            for (crop* each : all) {
                BOOST_TEST((each->state() == state::crashed));
                BOOST_TEST((each->crash_reason() != nullptr));
            }
            co_await p.start(); // again, on the same loops
            BOOST_TEST((below.state() == state::running));
            BOOST_TEST((c.crash_reason() == nullptr));
            BOOST_TEST(c.restarts() == 1u);
            co_await stop(p);
        });
        BOOST_TEST(f.app->crashes == std::vector<std::string>{"service/P: boom"});
        BOOST_TEST(f.app->logged("Crashed: boom") == 1u);
        const std::string notes = f.notes();
        for (const char* tag : {"P.crash", "C.crash", "D.crash", "O.crash"})
            BOOST_TEST(notes.find(tag) != notes.npos, tag << " in " << notes);
        BOOST_TEST(notes.find("on another loop") == notes.npos, notes);
    }
}

BOOST_AUTO_TEST_CASE(calls_and_casts_into_it_and_errors_come_back) {
    field f;
    head p(f);
    crop& c = p.own_child("C");
    f.run([&]() -> task<void> {
        BOOST_CHECK_THROW(c.home(), std::logic_error);
        co_await p.start();
        int counted = 0; // only ever touched over there
        for (int i = 0; i < 100; ++i)
            c.cast([&]() -> task<void> {
                ++counted;
                co_return;
            });
        BOOST_TEST(co_await c.call([&] { return counted; }) == 100);
        BOOST_TEST(co_await error_of([&] {
                       return c.call([&] { return fails(c); });
                   }) == "port in use");
        co_await stop(p);
        BOOST_TEST(co_await c.call([&] { return counted; }) == 100); // also when it has stopped
        c.cast([&]() -> task<void> {
            ++counted;
            co_return;
        });
        BOOST_TEST(co_await c.call([&] { return counted; }) == 100);
    });
}

BOOST_AUTO_TEST_CASE(an_error_of_a_cast_or_a_timer_crashes_the_tree) {
    field f;
    head p(f);
    crop& c = p.own_child("C");
    f.run([&]() -> task<void> {
        co_await p.start();
        c.cast([&c] { return fails(c); });
        co_await p.wait_stopped();
        BOOST_TEST((p.state() == state::crashed));
    });
    BOOST_TEST(f.app->crashes == std::vector<std::string>{"service/P: port in use"});
}

BOOST_AUTO_TEST_CASE(a_stop_in_the_middle_of_its_start_is_obeyed) {
    for (const bool by_cancel : {false, true}) {
        field f;
        head p(f);
        crop& c = p.own_child("C");
        aio::async::event begun;
        c.hooks["start"] = [&](crop&) -> task<void> {
            f.main->post([&] { begun.set(); });
            co_await aio::async::sleep(1h);
        };
        f.run([&]() -> task<void> {
            aio::async::task_group owner(*f.main);
            std::string error;
            owner.spawn("starter", [](crop& of, std::string& into) -> task<void> {
                into = co_await error_of([&of] { return of.start(); });
            }(p, error));
            co_await begun.wait();
            if (by_cancel)
                owner.cancel();
            else
                p.begin_stop();
            co_await p.wait_stopped();
            co_await owner.join();
            BOOST_TEST(!error.empty());
            BOOST_TEST((c.state() == state::stopped));
        });
        BOOST_TEST(f.app->logged("ERROR") == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_hook_of_it_that_hangs_is_named_and_ended_by_force) {
    field f;
    head p(f);
    crop& c = p.own_child("C");
    aio::async::event hangs;
    c.hooks["stop"] = [&](crop&) -> task<void> {
        f.main->post([&] { hangs.set(); });
        co_await aio::async::sleep(1h);
    };
    f.run([&]() -> task<void> {
        co_await p.start();
        p.begin_stop();
        co_await hangs.wait();
        const auto left = p.unfinished();
        BOOST_REQUIRE(left.size() == 1u);
        BOOST_TEST(left[0] == "service/P/C has not ended, on a loop of its own");
        p.cancel();
        co_await p.wait_stopped();
    });
    BOOST_TEST(f.notes().ends_with("C.stop, C.shutdown, P.shutdown"));
}

BOOST_AUTO_TEST_CASE(added_and_removed_while_it_runs_its_thread_goes) {
    field f;
    head p(f);
    f.run([&]() -> task<void> {
        co_await p.start();
        for (int i = 0; i < 20; ++i) {
            crop& c = p.own_child("C");
            const crop& below = c.child("D");
            if (i % 2 == 0)
                while (c.state() != state::running)
                    co_await aio::async::sleep(1ms);
            const auto back = co_await p.remove_child(c);
            BOOST_TEST(back.get() == &c);
            BOOST_CHECK_THROW(c.home(), std::logic_error);
            BOOST_CHECK_THROW(below.home(), std::logic_error);
            BOOST_TEST(!back->apart().has_value());
        }
        BOOST_TEST(p.children().empty());
        co_await stop(p);
    });
    BOOST_TEST(f.app->logged("ERROR") == 0u);
}

BOOST_AUTO_TEST_CASE(done_ends_it_alone) {
    field f;
    head p(f);
    crop& c = p.own_child("C");
    f.run([&]() -> task<void> {
        co_await p.start();
        co_await aio::async::on(c.home(), [&c] {
            c.done();
            return c.wait_stopped();
        });
        BOOST_TEST((c.state() == state::stopped && p.state() == state::running));
        co_await stop(p);
    });
}

BOOST_AUTO_TEST_CASE(a_child_added_while_one_of_them_starts_does_not_wait_for_it) {
    field f(1);
    head p(f);
    p.own_child("O").with("start", [](crop&) -> task<void> { co_await aio::async::sleep(10s); });
    p.with("start", [&](crop& self) -> task<void> {
        self.spawn("adder", [](crop& of) -> task<void> {
            co_await aio::async::sleep(1s);
            crop& c = of.child("C");
            const auto until = of.home().time().now() + 1s;
            co_await aio::async::sleep(1s);
            BOOST_TEST((c.state() == state::running && of.home().time().now() == until));
        }(self));
        co_return;
    });
    f.run([&]() -> task<void> {
        co_await p.start();
        BOOST_TEST(
            f.notes() == "P.first_start, P.start, O.first_start, O.start, C.first_start, C.start, "
                         "C.started, O.started, P.started"
        );
        co_await stop(p);
    });
}

BOOST_AUTO_TEST_CASE(nobody_starts_one_that_the_stop_of_its_parent_has_passed) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        field f(seed);
        head p(f);
        crop& first = p.child("C1");
        crop& second = p.own_child("C2");
        aio::async::event passed;
        p.hooks["start"] = [&](crop& self) -> task<void> {
            self.spawn("starter", [](crop& of, aio::async::event& at) -> task<void> {
                co_await at.wait();
                BOOST_TEST(!co_await of.call([&of] { return of.maybe_start(); }));
            }(second, passed));
            co_return;
        };
        first.hooks["shutdown"] = [&](crop&) -> task<void> {
            passed.set();
            co_await aio::async::sleep(1s);
        };
        f.run([&]() -> task<void> {
            co_await p.start();
            co_await stop(p);
            BOOST_REQUIRE((second.state() == state::stopped));
            co_await p.start(); // asked for again, before its turn
            BOOST_TEST((second.state() == state::running));
            co_await stop(p);
        });
        BOOST_TEST(f.app->logged("ERROR") == 0u);
    }
}

BOOST_AUTO_TEST_CASE(under_any_seed_two_that_remove_the_same_child_are_told) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        field f(seed);
        head p(f);
        crop& c = seed % 2 ? p.child("C") : p.own_child("C");
        c.child("D");
        c.hooks["stop"] = [](crop&) -> task<void> { co_await aio::async::sleep(1s); };
        f.run([&]() -> task<void> {
            co_await p.start();
            int got = 0;
            int refused = 0;
            aio::async::task_group removers(*f.main);
            const auto remove = [&]() -> task<void> {
                try {
                    const auto back = co_await p.remove_child(c);
                    got += back.get() == &c;
                } catch (const std::invalid_argument& e) {
                    BOOST_TEST(std::string_view(e.what()) == "removed from P twice");
                    ++refused;
                }
            };
            for (int i = 0; i < 3; ++i)
                removers.spawn("remover", remove());
            co_await removers.join();
            BOOST_TEST((got == 1 && refused == 2));
            BOOST_TEST(p.children().empty());
            co_await stop(p);
        });
        BOOST_TEST(f.app->logged("ERROR") == 0u);
    }
}

// The second asks while the child is on its way out, and reaches the child's loop when it is gone.
BOOST_AUTO_TEST_CASE(under_any_seed_a_child_is_removed_a_second_time_at_any_moment) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        field f(seed);
        head p(f);
        crop& c = p.own_child("C");
        f.run([&]() -> task<void> {
            co_await p.start();
            int refused = 0;
            aio::async::task_group removers(*f.main);
            const auto remove = [&](std::uint64_t turns) -> task<void> {
                for (; turns > 0; --turns)
                    co_await aio::async::on(*f.main, [] {});
                try {
                    const auto back = co_await p.remove_child(c);
                } catch (const std::invalid_argument&) {
                    ++refused;
                }
            };
            for (std::uint64_t i = 0; i < 4; ++i)
                removers.spawn("remover", remove(i * (seed % 5)));
            co_await removers.join();
            BOOST_TEST(refused == 3);
            co_await stop(p);
        });
        BOOST_TEST(f.app->logged("ERROR") == 0u);
    }
}

BOOST_AUTO_TEST_CASE(trees_on_many_loops_that_crash_anywhere_start_again_every_time) {
    field f;
    head p(f);
    std::vector<crop*> all{&p};
    for (int i = 0; i < 3; ++i) {
        crop& c = p.own_child("C" + std::to_string(i));
        all.push_back(&c);
        all.push_back(&c.child("D"));
        all.push_back(&c.own_child("E"));
    }
    f.run([&]() -> task<void> {
        for (std::size_t round = 0; round < 20; ++round) {
            co_await p.start();
            // Several at once, each from the loop it is on.
            for (std::size_t i = 0; i < all.size(); i += 1 + round % 3)
                all[i]->home().post([one = all[i]] {
                    if (one->state() == state::running)
                        one->crash(boom());
                });
            co_await p.wait_stopped();
            for (crop* each : all)
                BOOST_TEST((each->state() == state::crashed));
            f.notes();
        }
    });
    BOOST_TEST(f.app->crashes.size() == 20u);
}

BOOST_AUTO_TEST_CASE(under_any_seed_starts_crashes_and_stops_at_any_moment_end_well) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        field f(seed);
        const auto some = [&f](unsigned most) {
            return std::chrono::milliseconds(f.time->random() % most);
        };
        head p(f);
        std::vector<crop*> all{&p};
        for (int i = 0; i < 2; ++i) {
            crop& c = p.own_child("C" + std::to_string(i));
            all.push_back(&c);
            all.push_back(&c.child("D"));
            all.push_back(&c.own_child("E"));
            all.push_back(&p.child("F" + std::to_string(i)));
        }
        for (crop* each : all)
            for (const char* hook : {"start", "stop"})
                each->hooks[hook] = [&](crop&) -> task<void> {
                    co_await aio::async::sleep(some(3));
                };
        f.run([&]() -> task<void> {
            for (int round = 0; round < 4; ++round) {
                aio::async::task_group owner(*f.main);
                std::string error;
                owner.spawn("starter", [](crop& of, std::string& into) -> task<void> {
                    into = co_await error_of([&of] { return of.start(); });
                }(p, error));
                co_await aio::async::sleep(some(20));
                crop* one = all[f.time->random() % all.size()];
                const auto now = one->state();
                if (const auto what = f.time->random() % 4; what == 0)
                    owner.cancel();
                else if (what < 3 && (now == state::running || now == state::starting))
                    one->cast([one]() -> task<void> {
                        one->crash(boom());
                        co_return;
                    });
                co_await aio::async::sleep(some(10));
                p.begin_stop();
                if (f.time->random() % 4 == 0)
                    p.cancel();
                co_await p.wait_stopped();
                co_await owner.join();
                for (crop* each : all) {
                    const auto end = each->state();
                    BOOST_TEST(
                        (end == state::init || end == state::stopped || end == state::crashed),
                        each->tag << " is " << aio::service::name(end) << ", seed " << seed
                    );
                }
            }
        });
    }
}

BOOST_AUTO_TEST_SUITE_END()
