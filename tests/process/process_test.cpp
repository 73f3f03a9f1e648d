// The life of a process under a unit: started, heard, ended.

#include "world.hpp"

#include <aio/async/hop.hpp>
#include <aio/async/loop.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <fmt/format.h>
#include <sys/wait.h>

#include <csignal>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <random>
#include <string>
#include <thread>

using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(processes, test::world)

BOOST_AUTO_TEST_CASE(its_lines_are_logged_with_their_stream) {
    run("shell = yes\ncommand = echo one; echo two >&2; printf three", [&]() -> aio::task<void> {
        co_await it().start();
        co_await it().wait_stopped();
        BOOST_TEST(app.logged("INFO process.x stdout: one") == 1u);
        BOOST_TEST(app.logged("WARNING process.x stderr: two") == 1u);
        BOOST_TEST(app.logged("INFO process.x stdout: three") == 1u);
        BOOST_TEST(app.lines.size() == 5u); // and those of its start and end
    });
}

BOOST_AUTO_TEST_CASE(a_good_end_is_no_crash) {
    run("command = true", [&]() -> aio::task<void> {
        co_await it().start();
        const std::string pid = std::to_string(this->pid());
        BOOST_TEST(app.logged("INFO aio Process(x) true started with pid " + pid) == 1u);
        co_await it().wait_stopped();
        BOOST_TEST(app.logged("INFO aio Process(x) pid " + pid + " exited with status 0") == 1u);
        BOOST_TEST(app.crashes.empty());
        BOOST_TEST(app.ends == std::vector<std::string>{"process/x"});
        BOOST_TEST(it().pids().empty());
        BOOST_TEST(it().last_ending()->clean());
    });
}

BOOST_AUTO_TEST_CASE(a_bad_end_is_a_crash_with_its_reason) {
    run("shell = yes\ncommand = exit 3", [&]() -> aio::task<void> {
        co_await it().start();
        const pid_t first = pid();
        co_await it().wait_stopped();
        BOOST_TEST(
            app.crashes.at(0) == fmt::format("process/x: pid {} exited with status 3", first)
        );
        BOOST_TEST(app.logged("WARNING aio Process(x) pid") == 1u);
        BOOST_TEST(!test::exists(first));
    });
    run("command = sleep 1000", [&]() -> aio::task<void> {
        co_await it().start();
        const pid_t second = pid();
        ::kill(second, SIGKILL);
        co_await it().wait_stopped();
        BOOST_TEST(
            app.crashes.at(1) == fmt::format("process/x: pid {} was killed by SIGKILL", second)
        );
        BOOST_TEST(app.ends.empty());
    });
}

BOOST_AUTO_TEST_CASE(it_starts_again_after_its_end) {
    run("command = cat /dev/zero", [&]() -> aio::task<void> { co_return; });
    run("command = sleep 1000", [&]() -> aio::task<void> {
        for (int i = 0; i < 5; ++i) {
            co_await it().start();
            const pid_t now = pid();
            BOOST_TEST(test::runs(now));
            if (i % 2)
                co_await stop();
            else {
                ::kill(now, SIGKILL);
                co_await it().wait_stopped();
            }
            BOOST_TEST(!test::exists(now));
        }
        BOOST_TEST(app.crashes.size() == 3u);
    });
}

BOOST_AUTO_TEST_CASE(killed_a_hundred_times_it_starts_a_hundred_times) {
    std::minstd_rand random(7);
    run("shell = yes\ncommand = while echo x; do sleep 0.001; done", [&]() -> aio::task<void> {
        for (std::size_t i = 0; i < 100; ++i) {
            co_await it().start();
            const pid_t now = pid();
            co_await aio::sleep(std::chrono::microseconds(random() % 5000));
            ::kill(now, SIGKILL);
            co_await it().wait_stopped();
            BOOST_TEST(!test::exists(now));
            BOOST_TEST(app.crashes.size() == i + 1);
        }
    });
}

BOOST_AUTO_TEST_CASE(what_cannot_be_executed_fails_to_start) {
    const aio::testing::temporary_folder folder;
    std::ofstream(folder / "bad") << "#!/bin/sh\n";
    std::filesystem::permissions(folder / "bad", std::filesystem::perms::owner_all);
    run("command = " + (folder / "bad"), [&]() -> aio::task<void> {
        std::ofstream(folder / "bad") << "no program\n";
        std::string why;
        try {
            co_await it().start();
        } catch (const std::exception& e) {
            why = e.what();
        }
        BOOST_TEST(
            why ==
            "Process(x) failed to start: cannot execute " + (folder / "bad") +
                ": it has no '#!' line that names its interpreter (make '#!/bin/sh' its first "
                "line, or set shell = yes)"
        );
        co_await it().wait_stopped();
        BOOST_TEST(app.crashes.empty());
        BOOST_TEST(app.ends.empty());
    });
}

BOOST_AUTO_TEST_CASE(it_gets_its_environment) {
    run("shell = yes\nenv =\n    A=b c\n    HOME=/x\ncommand = echo \"$$A,$$HOME,"
        "$$AIO_PROCESS_INDEX,$$AIO_PROCESS_COUNT\"",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await it().wait_stopped();
            BOOST_TEST_INFO(log());
            BOOST_TEST(app.logged("stdout: b c,/x,0,1") == 1u);
        });
}

BOOST_AUTO_TEST_CASE(a_storm_of_output_is_logged_to_the_last_line) {
    run("shell = yes\ncommand = seq 1 200000; seq 1 1000 >&2", [&]() -> aio::task<void> {
        co_await it().start();
        co_await it().wait_stopped();
        BOOST_TEST(app.logged("stdout: ") == 200000u);
        BOOST_TEST(app.logged("stderr: ") == 1000u);
        std::size_t number = 0;
        for (const std::string& line : app.lines)
            if (line.starts_with("INFO process.x stdout: "))
                BOOST_REQUIRE(line == fmt::format("INFO process.x stdout: {}", ++number));
    });
}

BOOST_AUTO_TEST_CASE(binary_output_does_no_harm) {
    run("shell = yes\ncommand = printf 'a\\000b\\033[2J\\377\\n'; printf 'x\\ry' >&2",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await it().wait_stopped();
            BOOST_TEST_INFO(log());
            BOOST_TEST(app.logged("stdout: a\\x00b\\x1b[2J\\xff") == 1u);
            BOOST_TEST(app.logged("stderr: x\\x0dy") == 1u);
        });
}

BOOST_AUTO_TEST_CASE(a_very_long_line_is_cut_with_a_note) {
    run("shell = yes\ncommand = head -c 1000000 /dev/zero | tr '\\0' a; echo; echo end",
        [&]() -> aio::task<void> {
            co_await it().start();
            co_await it().wait_stopped();
            BOOST_TEST(app.logged("aaa [cut here, 934464 bytes more]") == 1u);
            BOOST_TEST(app.logged("stdout: end") == 1u);
        });
}

BOOST_AUTO_TEST_CASE(it_can_close_its_output_and_live_on) {
    run("shell = yes\ncommand = echo a; exec >&- 2>&-; exec sleep 1000", [&]() -> aio::task<void> {
        co_await it().start();
        co_await until_logged("stdout: a");
        co_await stop();
        BOOST_TEST(app.crashes.empty());
    });
}

BOOST_AUTO_TEST_CASE(several_are_told_apart) {
    run("count = 3\nshell = yes\ncommand = echo $$AIO_PROCESS_INDEX of $$AIO_PROCESS_COUNT; "
        "exec sleep 1000",
        [&]() -> aio::task<void> {
            co_await it().start();
            BOOST_TEST(it().pids().size() == 3u);
            BOOST_TEST(it().unfinished().size() == 3u);
            for (int i = 0; i < 3; ++i) {
                co_await until_logged(fmt::format("INFO process.x [{}] stdout: {} of 3", i, i));
                BOOST_TEST(app.logged(fmt::format("Process(x[{}]) /bin/sh started", i)) == 1u);
            }
            co_await stop();
            BOOST_TEST(it().pids().empty());
            BOOST_TEST(app.crashes.empty());
        });
}

BOOST_AUTO_TEST_CASE(several_have_ended_when_the_last_has) {
    run("count = 3\ncommand = true", [&]() -> aio::task<void> {
        co_await it().start();
        co_await it().wait_stopped();
        BOOST_TEST(app.ends.size() == 1u);
        BOOST_TEST(app.crashes.empty());
    });
}

BOOST_AUTO_TEST_CASE(a_stop_comes_between_the_starts_of_many) {
    run("count = 200\ncommand = sleep 1000", [&]() -> aio::task<void> {
        at.post([&] { it().begin_stop(); });
        std::string why;
        try {
            co_await it().start();
        } catch (const std::exception& e) {
            why = e.what();
        }
        BOOST_TEST(why == "Process(x) failed to start: it was stopped meanwhile");
        BOOST_TEST(it().statistics()[1].value < 10);
        BOOST_TEST(it().pids().empty());
    });
}

BOOST_AUTO_TEST_CASE(a_thousand_of_them_leave_nothing) {
    const auto open = [] {
        const std::filesystem::directory_iterator all("/proc/self/fd");
        return std::distance(begin(all), end(all));
    };
    run("command = true", [&]() -> aio::task<void> {
        std::ptrdiff_t before = 0;
        for (int i = 0; i < 1000; ++i) {
            co_await it().start();
            co_await it().wait_stopped();
            if (i == 0)
                before = open();
        }
        BOOST_TEST(open() == before);
        BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
        BOOST_TEST(it().statistics()[1].value == 1000);
    });
}

// The unit's loop has a thread of its own; the child is made on the main one all the same.
BOOST_AUTO_TEST_CASE(it_lives_on_any_loop) {
    const std::string wrong = plan("shell = yes\ncommand = echo here; exec sleep 1000");
    BOOST_REQUIRE_MESSAGE(made, wrong);
    aio::async::loop other("other", 1);
    const auto planned = [&] {
        aio::base::diagnostics none;
        aio::service::planning with;
        with.problems = &none;
        return *aio::process::kind().plan(*app.tree.find("process/x"), with);
    }();
    auto elsewhere = planned.make(app, other);
    std::thread thread([&] { other.run(); });
    test::run(at, [&]() -> aio::task<void> {
        co_await aio::async::on(other, [&] { return elsewhere->start(); });
        const auto pids = co_await aio::async::on(other, [&] {
            return dynamic_cast<aio::process::process&>(*elsewhere).pids();
        });
        BOOST_TEST(test::runs(pids.at(0)));
        co_await aio::async::on(other, [&] { elsewhere->begin_stop(); });
        co_await aio::async::on(other, [&] { return elsewhere->wait_stopped(); });
        BOOST_TEST(!test::exists(pids.at(0)));
    });
    other.stop();
    thread.join();
    elsewhere.reset();
}

BOOST_AUTO_TEST_SUITE_END()
