#include "specs.hpp"

#include <aio/async/loop.hpp>
#include <aio/log/file.hpp>
#include <aio/log/tree.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

using namespace aio::log;
using aio::testing::temporary_folder;
namespace fs = std::filesystem;

namespace {

struct file_fixture {
    temporary_folder folder;
    tree all;

    void use(handler_args args, std::string format = "%(message)s") {
        const auto wrong = all.configure(one_handler(std::move(args), std::move(format)));
        BOOST_TEST_REQUIRE(!wrong.failed(), aio::base::render(wrong));
    }

    logger& log() { return all.root(); }

    /// Logs a warning while no file may grow beyond `largest` bytes.
    void warn_in_small_file(const char* text, rlim_t largest) {
        rlimit before{};
        ::getrlimit(RLIMIT_FSIZE, &before);
        rlimit small = before;
        small.rlim_cur = largest;
        ::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &small);
        log().warning("{}", text);
        ::setrlimit(RLIMIT_FSIZE, &before);
    }

    /// What standard error gets during `work`.
    template <typename Work>
    std::string said_during(Work work) {
        const int kept = ::dup(STDERR_FILENO);
        const int file = ::open((folder / "err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(file, STDERR_FILENO);
        work();
        ::dup2(kept, STDERR_FILENO);
        ::close(kept);
        ::close(file);
        std::string said = folder.read("err");
        fs::remove(folder / "err");
        return said;
    }
};

/// As another process would lock it.
bool lock_whole(int file, short type) {
    struct flock wanted{};
    wanted.l_type = type;
    return ::fcntl(file, F_OFD_SETLK, &wanted) == 0;
}

/// A record of that second.
record at_second(int second) {
    record made;
    made.time = std::chrono::system_clock::time_point(std::chrono::seconds(1'000'000 + second));
    return made;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(file, file_fixture)

BOOST_AUTO_TEST_CASE(case_72_lines_are_appended_or_the_file_is_emptied) {
    folder.write("x.log", "before\n");
    use(file_args{folder / "x.log", true});
    log().warning("one");
    BOOST_TEST(folder.read("x.log") == "before\none\n");
    use(file_args{folder / "x.log", false});
    log().warning("two");
    BOOST_TEST(folder.read("x.log") == "two\n");
}

BOOST_AUTO_TEST_CASE(outside_of_a_loop_every_line_is_written_at_once) {
    use(file_args{folder / "x.log"});
    log().info("first");
    log().info("second");
    BOOST_TEST(folder.read("x.log") == "first\nsecond\n");
}

BOOST_AUTO_TEST_CASE(a_loop_writes_lines_at_the_end_of_its_turn_and_warnings_at_once) {
    use(file_args{folder / "x.log"});
    aio::async::loop loop;
    std::vector<std::string> seen;
    loop.post([&] {
        log().info("first");
        log().info("second");
        seen.push_back(folder.read("x.log"));
        log().warning("third");
        seen.push_back(folder.read("x.log"));
        log().info("fourth");
        seen.push_back(folder.read("x.log"));
    });
    loop.poll();
    BOOST_TEST_REQUIRE(seen.size() == 3u);
    BOOST_TEST(seen[0] == "");
    BOOST_TEST(seen[1] == "first\nsecond\nthird\n");
    BOOST_TEST(seen[2] == seen[1]);
    BOOST_TEST(folder.read("x.log") == "first\nsecond\nthird\nfourth\n");
}

BOOST_AUTO_TEST_CASE(a_loop_that_is_gone_before_its_turn_ended_has_written_its_lines) {
    use(file_args{folder / "x.log"});
    {
        aio::async::loop loop;
        loop.post([&] {
            log().info("last");
            loop.stop();
        });
        loop.run();
    }
    BOOST_TEST(folder.read("x.log") == "last\n");
}

BOOST_AUTO_TEST_CASE(each_loop_writes_its_own_lines) {
    use(file_args{folder / "x.log"});
    aio::async::loop first, second("second", 1);
    first.post([&] {
        log().info("of the first");
        std::thread([&] {
            second.post([&] { log().info("of the second"); });
            second.poll();
        }).join();
        BOOST_TEST(folder.read("x.log") == "of the first\nof the second\n");
    });
    first.poll();
    BOOST_TEST(folder.read("x.log") == "of the first\nof the second\n");
}

BOOST_AUTO_TEST_CASE(a_flush_that_waits_for_nobody_writes_what_a_turn_has_collected) {
    use(file_args{folder / "x.log"});
    aio::async::loop loop;
    loop.post([&] {
        log().info("first");
        all.flush_if_free();
        BOOST_TEST(folder.read("x.log") == "first\n");
    });
    loop.poll();
}

BOOST_AUTO_TEST_CASE(what_is_left_at_a_crash_can_be_written_out_by_a_signal_handler) {
    use(file_args{folder / "x.log"});
    const pid_t child = ::fork();
    if (child == 0) {
        static tree* crashing = nullptr;
        crashing = &all;
        ::signal(SIGABRT, [](int) {
            crashing->write_out();
            ::_exit(3);
        });
        aio::async::loop loop;
        loop.post([&] {
            for (int i = 1; i <= 8; ++i)
                log().info("line {}", i);
            ::raise(SIGABRT);
        });
        loop.poll();
        ::_exit(4);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_TEST(WEXITSTATUS(status) == 3);
    const std::string text = folder.read("x.log");
    BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 8);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_standard_output_is_not_collected) {
    use(file_args{folder / "x.log"});
    const int kept = ::dup(STDOUT_FILENO);
    const int file = ::open((folder / "x.log").c_str(), O_WRONLY | O_APPEND);
    ::dup2(file, STDOUT_FILENO);
    use(file_args{folder / "x.log"});
    aio::async::loop loop;
    loop.post([&] {
        log().info("first");
        std::ignore = ::write(STDOUT_FILENO, "second\n", 7);
    });
    loop.poll();
    ::dup2(kept, STDOUT_FILENO);
    ::close(kept);
    ::close(file);
    BOOST_TEST(folder.read("x.log") == "first\nsecond\n");
}

BOOST_AUTO_TEST_CASE(only_a_regular_file_is_given_away) {
    const std::string path = folder / "pipe";
    BOOST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    use(file_args{path});
    struct stat before{}, after{};
    ::stat(path.c_str(), &before);
    BOOST_TEST(all.give_to(before.st_uid + 1, before.st_gid + 1).empty());
    ::stat(path.c_str(), &after);
    BOOST_TEST(after.st_uid == before.st_uid);
    ::close(reader);
}

BOOST_AUTO_TEST_CASE(who_hangs_in_a_write_holds_up_no_flush_that_waits_for_nobody) {
    int ends[2];
    BOOST_REQUIRE(::pipe(ends) == 0);
    const int reader = ends[0];
    use(file_args{"/proc/self/fd/" + std::to_string(ends[1])}); // blocks, as others share it
    const std::string big(1 << 20, 'x');
    std::thread stuck([&] { log().warning("{}", big); });
    pollfd ready{reader, POLLIN, 0};
    BOOST_REQUIRE(::poll(&ready, 1, -1) == 1);
    all.flush_if_free();
    std::string got(big.size() + 1, ' ');
    for (std::size_t have = 0; have < got.size();) {
        const auto count = ::read(reader, got.data() + have, got.size() - have);
        have += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    stuck.join();
    ::close(reader);
    ::close(ends[1]);
    BOOST_TEST((got == big + "\n"));
}

BOOST_AUTO_TEST_CASE(a_fifo_whose_reader_has_stopped_costs_records_and_not_the_app) {
    const std::string path = folder / "fifo";
    BOOST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    output_services services;
    const auto to = open_file(file_args{path}, "", services);
    const std::string line(999, 'x');
    const auto begun = std::chrono::steady_clock::now();
    const std::string said = said_during([&] {
        for (int i = 0; i < 300; ++i)
            to->write(at_second(0), line);
    });
    BOOST_TEST((std::chrono::steady_clock::now() - begun < std::chrono::seconds(10))
    ); // 100 ms each were 20 s and more
    BOOST_TEST(services.lost.count() >= 200u);
    BOOST_TEST(said.find("Resource temporarily unavailable") != said.npos, said);
    std::string got(1 << 20, ' ');
    BOOST_TEST(::read(reader, got.data(), got.size()) > 0);
    const std::uint64_t lost = services.lost.count();
    to->write(at_second(1), "read again");
    BOOST_TEST(services.lost.count() == lost);
    got.resize(100);
    got.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(reader, got.data(), 100), 0)));
    BOOST_TEST(got == "read again\n", got);
    ::close(reader);
}

BOOST_AUTO_TEST_CASE(a_relative_path_starts_at_the_folder_given_and_stays_there) {
    const auto wrong = all.configure(one_handler(file_args{"x.log"}, "%(message)s"), folder.path());
    BOOST_TEST(!wrong.failed());
    fs::remove(folder / "x.log");
    BOOST_TEST(all.reopen().empty());
    log().warning("here");
    BOOST_TEST(folder.read("x.log") == "here\n");
}

BOOST_AUTO_TEST_CASE(a_file_moved_away_is_made_anew_by_reopen) {
    use(file_args{folder / "x.log", false});
    log().info("one");
    fs::rename(folder / "x.log", folder / "x.log.1");
    log().info("two");
    BOOST_TEST(all.reopen().empty());
    log().warning("three");
    BOOST_TEST(folder.read("x.log.1") == "one\ntwo\n");
    BOOST_TEST(folder.read("x.log") == "three\n");
    BOOST_TEST(all.reopen().empty()); // does not empty it, though opened with 'w'
    BOOST_TEST(folder.read("x.log") == "three\n");
}

BOOST_AUTO_TEST_CASE(reopen_keeps_the_old_file_when_there_is_no_new_one) {
    folder.write("a/x.log", "");
    use(file_args{folder / "a/x.log"});
    fs::rename(folder / "a", folder / "b");
    const auto problems = all.reopen();
    BOOST_TEST_REQUIRE(problems.size() == 1u);
    BOOST_TEST(problems[0].find("a/x.log': No such file") != std::string::npos);
    log().warning("kept");
    BOOST_TEST(folder.read("b/x.log") == "kept\n");
}

BOOST_AUTO_TEST_CASE(report_s_6_a_renamed_file_gets_the_records_until_its_path_can_be_opened) {
    folder.write("a/x.log", "");
    output_services services;
    const auto to = open_file(file_args{folder / "a/x.log"}, "", services);
    const std::string said = said_during([&] {
        fs::rename(folder / "a", folder / "b");
        BOOST_TEST(!to->reopen().empty());
        to->write(at_second(0), "first"); // tried again
        fs::create_directory(folder / "a");
        to->write(at_second(0), "second"); // too early
        to->flush();
        to->write(at_second(1), "third");
        to->flush();
    });
    BOOST_TEST(folder.read("b/x.log") == "first\nsecond\n");
    BOOST_TEST(folder.read("a/x.log") == "third\n");
    const std::string path = "'" + (folder / "a/x.log") + "'";
    BOOST_TEST(
        said == "aio: warning: the log cannot open " + path +
                    ": No such file or directory; its records go to the file that was open before "
                    "until it can\naio: the log reaches " +
                    path + " again\n"
    );
}

BOOST_AUTO_TEST_CASE(report_s_6_records_of_a_removed_file_go_to_standard_error_until_it_is_back) {
    for (const bool rotated : {false, true}) {
        folder.write("a/x.log", "");
        fs::permissions(folder / "a/x.log", fs::perms::owner_read | fs::perms::owner_write);
        output_services services;
        const auto to = rotated ? open_file(timed_args{folder / "a/x.log"}, "", services)
                                : open_file(file_args{folder / "a/x.log"}, "", services);
        const std::string said = said_during([&] {
            to->write(at_second(0), "collected");
            fs::remove_all(folder / "a");
            BOOST_TEST(!to->reopen().empty());
            BOOST_TEST(!to->reached());
            to->write(at_second(0), "passed on");
            BOOST_TEST(!to->reopen().empty()); // said once
            fs::create_directory(folder / "a");
            to->write(at_second(1), "back");
            to->flush();
        });
        BOOST_TEST(to->reached());
        const std::string path = "'" + (folder / "a/x.log") + "'";
        BOOST_TEST(
            said == "aio: warning: the log cannot open " + path +
                        ": No such file or directory; its records go to standard error until it "
                        "can\ncollected\npassed on\naio: the log reaches " +
                        path + " again\n"
        );
        BOOST_TEST(folder.read("a/x.log") == "back\n");
        struct stat made{};
        BOOST_TEST(::stat((folder / "a/x.log").c_str(), &made) == 0);
        BOOST_TEST((made.st_mode & 0777) == 0600u);
        BOOST_TEST(services.lost.count() == 2u);
    }
}

BOOST_AUTO_TEST_CASE(an_old_file_that_loses_its_last_name_is_left_at_the_next_record) {
    folder.write("a/x.log", "");
    output_services services;
    const auto to = open_file(file_args{folder / "a/x.log"}, "", services);
    const std::string said = said_during([&] {
        fs::rename(folder / "a", folder / "b");
        BOOST_TEST(!to->reopen().empty());
        for (int second : {0, 1, 3, 7, 15}) // each attempt makes the next pause longer
            to->write(at_second(second), "kept");
        to->flush();
        BOOST_TEST(folder.read("b/x.log") == "kept\nkept\nkept\nkept\nkept\n");
        to->write(at_second(16), "collected");
        fs::remove(folder / "b/x.log");
        to->write(at_second(16), "passed on");
    });
    BOOST_TEST(!to->reached());
    BOOST_TEST(said.ends_with("go to standard error until it can\ncollected\npassed on\n"), said);
    BOOST_TEST(services.lost.count() == 2u);
}

BOOST_AUTO_TEST_CASE(records_are_called_lost_when_nobody_sees_standard_error) {
    BOOST_TEST_REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    output_services services;
    std::unique_ptr<output> to;
    int reader = -1;
    const std::string said = said_during([&] {
        const int kept = ::dup(STDERR_FILENO);
        const int nowhere = ::open("/dev/null", O_WRONLY);
        ::dup2(nowhere, STDERR_FILENO);
        to = open_file(file_args{folder / "fifo"}, "", services);
        to->write(at_second(0), "first");
        to->write(at_second(0), "second");
        ::dup2(kept, STDERR_FILENO);
        ::close(kept);
        ::close(nowhere);
        reader = ::open((folder / "fifo").c_str(), O_RDONLY | O_NONBLOCK);
        to->write(at_second(1), "third");
    });
    ::close(reader);
    BOOST_TEST(said.ends_with("' again; 2 of its records are lost\n"), said);
}

BOOST_AUTO_TEST_CASE(files_roll_over_by_size) {
    use(rotating_args{folder / "x.log", true, 20, 2});
    for (int i = 1; i <= 5; ++i)
        log().warning("line {} 89", i); // ten bytes with the newline
    BOOST_TEST(folder.read("x.log") == "line 5 89\n");
    BOOST_TEST(folder.read("x.log.1") == "line 3 89\nline 4 89\n");
    BOOST_TEST(folder.read("x.log.2") == "line 1 89\nline 2 89\n");
    log().warning("line 6 89");
    log().warning("line 7 89");
    BOOST_TEST(folder.read("x.log.2") == "line 3 89\nline 4 89\n");
    BOOST_TEST(!folder.has("x.log.3"));
}

BOOST_AUTO_TEST_CASE(what_was_not_flushed_counts_for_the_size) {
    use(rotating_args{folder / "x.log", true, 20, 1});
    aio::async::loop loop;
    loop.post([&] {
        for (int i = 1; i <= 3; ++i)
            log().info("line {} 89", i);
    });
    loop.poll();
    BOOST_TEST(folder.read("x.log.1") == "line 1 89\nline 2 89\n");
    BOOST_TEST(folder.read("x.log") == "line 3 89\n");
}

BOOST_AUTO_TEST_CASE(a_line_larger_than_the_file_may_be_has_a_file_of_its_own) {
    use(rotating_args{folder / "x.log", true, 5, 1});
    log().warning("longer than five");
    BOOST_TEST(!folder.has("x.log.1"));
    log().warning("next");
    BOOST_TEST(folder.read("x.log.1") == "longer than five\n");
    BOOST_TEST(folder.read("x.log") == "next\n");
}

BOOST_AUTO_TEST_CASE(a_roll_over_that_fails_loses_nothing) {
    folder.write("x.log.1/in/the/way", "");
    use(rotating_args{folder / "x.log", true, 5, 1});
    log().warning("one");
    log().warning("two");
    BOOST_TEST(folder.read("x.log") == "one\ntwo\n");
    BOOST_TEST(all.lost() == 0u);
}

BOOST_AUTO_TEST_CASE(report_log_1_no_part_is_touched_by_a_turn_that_fails) {
    for (const char* stuck : {"x.log.1", "x.log.2", "x.log.3"}) {
        for (const char* part : {"x.log.1", "x.log.2", "x.log.3"})
            folder.write(part + std::string(part == std::string(stuck) ? "/in/the/way" : ""), part);
        folder.write("x.log", "");
        use(rotating_args{folder / "x.log", true, 5, 3});
        log().warning("one");
        log().warning("two");
        BOOST_TEST(folder.read("x.log") == "one\ntwo\n");
        for (const char* part : {"x.log.1", "x.log.2", "x.log.3"})
            if (part != std::string(stuck))
                BOOST_TEST(folder.read(part) == part);
        BOOST_TEST(!folder.has("x.log.0"));
        BOOST_TEST(!folder.has("x.log.4"));
        for (const auto& entry : fs::directory_iterator(folder.path()))
            fs::remove_all(entry);
    }
}

BOOST_AUTO_TEST_CASE(a_turn_that_was_interrupted_is_completed_by_the_next_one) {
    folder.write("x.log.0", "interrupted\n");
    folder.write("x.log.1", "older\n");
    folder.write("x.log", "last\n");
    use(rotating_args{folder / "x.log", true, 5, 3});
    log().warning("new");
    BOOST_TEST(folder.read("x.log") == "new\n");
    BOOST_TEST(folder.read("x.log.1") == "last\n");
    BOOST_TEST(folder.read("x.log.2") == "interrupted\n");
    BOOST_TEST(folder.read("x.log.3") == "older\n");
    BOOST_TEST(!folder.has("x.log.0"));
}

BOOST_AUTO_TEST_CASE(a_part_of_a_larger_limit_stays) {
    for (const char* part : {"x.log.1", "x.log.2", "x.log.3"})
        folder.write(part, part);
    folder.write("x.log", "last\n");
    use(rotating_args{folder / "x.log", true, 5, 2});
    log().warning("new");
    BOOST_TEST(folder.read("x.log.1") == "last\n");
    BOOST_TEST(folder.read("x.log.2") == "x.log.1");
    BOOST_TEST(folder.read("x.log.3") == "x.log.3");
}

BOOST_AUTO_TEST_CASE(report_log_2_a_file_that_another_has_emptied_is_not_turned) {
    use(rotating_args{folder / "x.log", true, 20, 2});
    log().warning("line 1 89");
    log().warning("line 2 89");
    fs::resize_file(folder / "x.log", 0);
    log().warning("line 3 89");
    BOOST_TEST(folder.read("x.log") == "line 3 89\n");
    aio::async::loop loop;
    loop.post([&] {
        log().info("line 4 89");
        fs::resize_file(folder / "x.log", 0);
        log().info("line 5 89");
    });
    loop.poll();
    BOOST_TEST(folder.read("x.log") == "line 4 89\nline 5 89\n");
    BOOST_TEST(!folder.has("x.log.1"));
}

BOOST_AUTO_TEST_CASE(report_log_2_what_another_has_appended_counts) {
    use(rotating_args{folder / "x.log", true, 20, 2});
    log().warning("line 1 89");
    const int other = ::open((folder / "x.log").c_str(), O_WRONLY | O_APPEND);
    std::ignore = ::write(other, "a long line of another\n", 23);
    ::close(other);
    log().warning("line 2 89");
    BOOST_TEST(folder.read("x.log.1") == "line 1 89\na long line of another\n");
    BOOST_TEST(folder.read("x.log") == "line 2 89\n");
}

BOOST_AUTO_TEST_CASE(report_log_3_parts_of_the_future_stay_and_cost_no_new_part) {
    setenv("TZ", "UTC", 1);
    tzset();
    for (const char* part : {"2036-01-01_00-00-01", "2036-01-01_00-00-02"})
        folder.write("x.log." + std::string(part), part);
    timed_args args;
    args.path = folder / "x.log";
    args.every = period::second;
    args.interval = 2;
    args.backups = 2;
    output_services services;
    const auto to = open_file(args, "", services);
    for (int second = 0; second <= 12; second += 3)
        to->write(at_second(second), "line " + std::to_string(second));
    to->flush();
    BOOST_TEST(folder.read("x.log") == "line 12\n");
    BOOST_TEST(folder.read("x.log.1970-01-12_13-46-49") == "line 9\n");
    BOOST_TEST(folder.read("x.log.1970-01-12_13-46-46") == "line 6\n");
    BOOST_TEST(!folder.has("x.log.1970-01-12_13-46-43"));
    BOOST_TEST(folder.has("x.log.2036-01-01_00-00-01"));
    BOOST_TEST(folder.has("x.log.2036-01-01_00-00-02"));
}

BOOST_AUTO_TEST_CASE(an_old_file_rolls_over_by_time_at_the_first_record) {
    setenv("TZ", "UTC", 1);
    tzset();
    folder.write("x.log", "of yesterday\n");
    const timespec times[2] = {{1795212000, 0}, {1795212000, 0}}; // 2026-11-20 22:00
    BOOST_TEST_REQUIRE(::utimensat(AT_FDCWD, (folder / "x.log").c_str(), times, 0) == 0);
    for (const char* old : {"2020-01-01", "2020-01-02", "2020-01-03", "other"})
        folder.write("x.log." + std::string(old), "");
    timed_args args;
    args.path = folder / "x.log";
    args.every = period::midnight;
    args.backups = 2;
    use(args);
    if (std::time(nullptr) < 1795219200)
        return; // the clock of this machine stands before the file's day
    log().warning("today");
    BOOST_TEST(folder.read("x.log.2026-11-20") == "of yesterday\n");
    BOOST_TEST(folder.read("x.log") == "today\n");
    BOOST_TEST(folder.has("x.log.2020-01-03"));
    BOOST_TEST(!folder.has("x.log.2020-01-02"));
    BOOST_TEST(!folder.has("x.log.2020-01-01"));
    BOOST_TEST(folder.has("x.log.other"));
}

BOOST_AUTO_TEST_CASE(a_full_disk_loses_records_and_recovers) {
    if (::access("/dev/full", W_OK) != 0)
        return;
    use(file_args{"/dev/full"});
    log().warning("one");
    log().info("two");
    log().info("three");
    all.flush();
    BOOST_TEST(all.lost() == 3u);
}

BOOST_AUTO_TEST_CASE(a_line_cut_by_a_limit_does_not_spoil_the_next_one) {
    use(file_args{folder / "x.log"});
    log().warning("12345");
    warn_in_small_file("67890", 10);
    BOOST_TEST(all.lost() == 1u);
    log().warning("whole");
    BOOST_TEST(folder.read("x.log") == "12345\n6789\nwhole\n");
    BOOST_TEST(all.lost() == 1u);
}

BOOST_AUTO_TEST_CASE(a_cut_line_is_ended_whoever_writes_next) {
    spec what = one_handler(file_args{folder / "x.log"}, "%(message)s");
    what.handlers.emplace_back("other", file_args{folder / "x.log"}, "f");
    what.loggers = {
        logger_spec("", level::debug, {"h"}),
        logger_spec("b", level::debug, {"other"}),
    };
    what.loggers.back().propagate = false;
    const auto cut_a_line = [&] {
        fs::remove(folder / "x.log");
        BOOST_REQUIRE(!all.configure(what).failed());
        warn_in_small_file("67890", 4);
    };
    const std::string right = "6789\nwhole\nlast\n";
    const auto write_lines = [&](logger& by) {
        by.warning("whole");
        by.warning("last");
        BOOST_TEST(folder.read("x.log") == right);
    };

    cut_a_line();
    BOOST_TEST(all.reopen().empty());
    write_lines(log());

    cut_a_line(); // a restart
    BOOST_REQUIRE(!all.configure(what).failed());
    write_lines(log());

    cut_a_line(); // another handler
    write_lines(all.get("b"));
}

BOOST_AUTO_TEST_CASE(report_s_6_records_go_to_standard_error_until_somebody_reads_the_pipe) {
    const std::string path = folder / "fifo";
    BOOST_TEST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    output_services services;
    std::unique_ptr<output> to;
    int reader = -1;
    const std::string said = said_during([&] {
        to = open_file(file_args{path}, "", services);
        to->write(at_second(0), "first");
        to->write(at_second(1), "second"); // tried again: the next pause is two seconds
        reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
        to->write(at_second(2), "third");
        to->write(at_second(3), "fourth");
    });
    const std::string pipe = "'" + path + "'";
    BOOST_TEST(
        said == "aio: warning: the log cannot open " + pipe +
                    ": it is a pipe that nobody reads; its records go to standard error until "
                    "somebody does\nfirst\nsecond\nthird\naio: the log reaches " +
                    pipe + " again\n"
    );
    std::string got(100, '\0');
    got.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(reader, got.data(), 100), 0)));
    ::close(reader);
    BOOST_TEST(got == "fourth\n");
    BOOST_TEST(services.lost.count() == 3u);
}

BOOST_AUTO_TEST_CASE(a_pipe_that_nobody_reads_is_tried_again_when_logs_are_reopened) {
    BOOST_TEST_REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    said_during([&] {
        use(file_args{folder / "fifo"});
        BOOST_TEST(all.reopen().size() == 1u);
    });
    const int reader = ::open((folder / "fifo").c_str(), O_RDONLY | O_NONBLOCK);
    said_during([&] { BOOST_TEST(all.reopen().empty()); });
    ::close(reader);
}

BOOST_AUTO_TEST_CASE(report_s_6_records_go_to_standard_error_while_the_reader_of_a_pipe_is_away) {
    const std::string path = folder / "fifo";
    BOOST_TEST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    output_services services;
    const auto before = ::signal(SIGPIPE, SIG_IGN);
    int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    const auto to = open_file(file_args{path}, "", services);
    to->write(at_second(0), "first");
    ::close(reader);
    const std::string said = said_during([&] {
        to->write(at_second(1), "second");
        to->write(at_second(2), "third");
        reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
        to->write(at_second(5), "fourth");
    });
    BOOST_TEST(
        said == "aio: warning: the log cannot write to '" + path +
                    "': Broken pipe; its records go to standard error until it can\nsecond\n"
                    "third\naio: the log reaches '" +
                    path + "' again\n"
    );
    std::string got(100, '\0');
    got.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(reader, got.data(), 100), 0)));
    ::close(reader);
    ::signal(SIGPIPE, before);
    BOOST_TEST(got == "fourth\n");
    BOOST_TEST(services.lost.count() == 2u);
}

BOOST_AUTO_TEST_CASE(records_go_to_standard_error_when_a_terminal_is_hung_up) {
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
    BOOST_REQUIRE(master >= 0);
    BOOST_REQUIRE(::grantpt(master) == 0);
    BOOST_REQUIRE(::unlockpt(master) == 0);
    output_services services;
    const auto to = open_file(file_args{::ptsname(master)}, "", services);
    to->write(at_second(0), "shown");
    ::close(master);
    const std::string said = said_during([&] { to->write(at_second(1), "passed on"); });
    BOOST_TEST(
        said.ends_with("': Input/output error; its records go to standard error until it "
                       "can\npassed on\n"),
        said
    );
}

BOOST_AUTO_TEST_CASE(what_is_no_regular_file_is_not_opened_anew) {
    BOOST_TEST_REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    const int reader = ::open((folder / "fifo").c_str(), O_RDONLY | O_NONBLOCK);
    use(file_args{folder / "fifo"});
    ::close(reader); // it restarts
    BOOST_TEST(all.reopen().empty());

    fs::create_symlink("/dev/null", folder / "device");
    use(file_args{folder / "device"});
    for (const char* gone : {"none/x.log", "x.log"}) { // not there, and not to be made
        fs::remove(folder / "device");
        fs::create_symlink(gone, folder / "device");
        BOOST_TEST(all.reopen().empty());
        BOOST_TEST(!folder.has("x.log"));
    }
    folder.write("x.log", "");
    BOOST_TEST(all.reopen().empty());
    log().warning("in the file");
    all.flush();
    BOOST_TEST(folder.read("x.log") == "in the file\n");
}

BOOST_AUTO_TEST_CASE(files_can_be_given_to_another_user) {
    use(file_args{folder / "x.log"});
    BOOST_TEST(all.give_to(getuid(), getgid()).empty());
    if (getuid() != 0)
        return;
    BOOST_TEST(all.give_to(1234, 1235).empty());
    struct stat now{};
    ::stat((folder / "x.log").c_str(), &now);
    BOOST_TEST(now.st_uid == 1234u);
    BOOST_TEST(now.st_gid == 1235u);
}

BOOST_AUTO_TEST_CASE(report_log_1_a_link_stays_a_link_and_the_parts_lie_beside_its_target) {
    fs::create_directory(folder / "vol");
    folder.write("vol/real.log", "");
    const timed_args by_time = [&] {
        timed_args made;
        made.path = folder / "timed.link";
        made.every = period::second;
        return made;
    }();
    fs::create_symlink("vol/real.log", folder / "x.link");
    fs::create_symlink(folder / "x.link", folder / "chain.link");
    use(rotating_args{folder / "chain.link", true, 20, 2});
    for (int i = 1; i <= 5; ++i)
        log().warning("line {} 89", i);
    BOOST_TEST(fs::is_symlink(folder / "chain.link"));
    BOOST_TEST(fs::is_symlink(folder / "x.link"));
    BOOST_TEST(folder.read("vol/real.log") == "line 5 89\n");
    BOOST_TEST(folder.read("vol/real.log.1") == "line 3 89\nline 4 89\n");
    BOOST_TEST(folder.read("vol/real.log.2") == "line 1 89\nline 2 89\n");
    BOOST_TEST(!folder.has("x.link.1"));
    BOOST_TEST(!folder.has("chain.link.1"));

    folder.write("vol/timed.log", "old\n");
    const timespec past[2] = {{1000000000, 0}, {1000000000, 0}};
    ::utimensat(AT_FDCWD, (folder / "vol/timed.log").c_str(), past, 0);
    fs::create_symlink("vol/timed.log", folder / "timed.link");
    use(by_time);
    log().warning("new");
    BOOST_TEST(fs::is_symlink(folder / "timed.link"));
    BOOST_TEST(folder.read("vol/timed.log") == "new\n");
    BOOST_TEST(folder.read("vol/timed.log.2001-09-09_01-46-40") == "old\n");
}

BOOST_AUTO_TEST_CASE(report_log_1_reopening_follows_the_link_anew_and_leaves_it) {
    folder.write("a.log", "");
    fs::create_symlink("a.log", folder / "x.link");
    use(file_args{folder / "x.link"});
    log().warning("one");
    fs::rename(folder / "a.log", folder / "a.log.1");
    BOOST_TEST(all.reopen().empty());
    log().warning("two");
    BOOST_TEST(fs::is_symlink(folder / "x.link"));
    BOOST_TEST(folder.read("a.log") == "two\n");
}

BOOST_AUTO_TEST_CASE(report_log_1_pipes_are_never_turned) {
    const std::string path = folder / "pipe";
    BOOST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    timed_args by_time;
    by_time.every = period::second;
    by_time.path = path;
    for (const handler_args& args :
         {handler_args(rotating_args{path, true, 5, 2}), handler_args(by_time)}) {
        use(args);
        log().warning("longer than five");
        log().warning("longer than five");
        BOOST_TEST(all.reopen().empty());
    }
    ::close(reader);
    BOOST_TEST(fs::is_fifo(path));
    BOOST_TEST(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

BOOST_AUTO_TEST_CASE(a_file_that_another_process_keeps_locked_is_said_once) {
    output_services services;
    const auto to = open_file(rotating_args{folder / "x.log", true, 5, 2}, "", services);
    const int other = ::open((folder / "x.log").c_str(), O_WRONLY | O_CLOEXEC);
    BOOST_REQUIRE(lock_whole(other, F_WRLCK));
    BOOST_TEST(said_during([&] {
                   for (int i = 0; i < 7; ++i)
                       to->write(at_second(100 * i), "longer than five");
               }) == "");
    const std::string said = said_during([&] {
        for (int i = 7; i < 12; ++i)
            to->write(at_second(100 * i), "longer than five");
    });
    BOOST_TEST(said.starts_with("aio: warning: the log '" + (folder / "x.log") + "' is not"), said);
    BOOST_TEST(std::ranges::count(said, '\n') == 1);
    ::close(other);
    to->write(at_second(1300), "turned");
    to->flush();
    BOOST_TEST(folder.read("x.log") == "turned\n");
}

BOOST_AUTO_TEST_CASE(each_reason_why_a_file_is_not_turned_is_said_once_and_so_is_the_end) {
    folder.write("x.log.1/in/the/way", "");
    output_services services;
    const auto file = open_file(rotating_args{folder / "x.log", true, 5, 1}, "", services);
    int second = 0;
    const auto write = [&](int lines) {
        for (int i = 0; i < lines; ++i)
            file->write(at_second(second += 100), "line");
    };
    const std::string growing = "aio: warning: the log '" + (folder / "x.log") +
                                "' is not rotated and goes on growing: cannot ";
    BOOST_TEST(said_during([&] {
                   write(5);
               }) == growing + "move '" + (folder / "x.log.1") + "': Is a directory\n");
    fs::remove_all(folder / "x.log.1");
    fs::create_symlink("elsewhere", folder / "x.log.1");
    BOOST_TEST(said_during([&] {
                   write(5);
               }) == growing + "move '" + (folder / "x.log.1") + "': File exists\n");
    fs::remove(folder / "x.log.1");
    BOOST_TEST(said_during([&] {
                   write(5);
               }) == "aio: the log '" + (folder / "x.log") + "' is rotated again\n");
}

BOOST_AUTO_TEST_CASE(no_lock_of_a_reader_stops_the_turn) {
    for (const bool by_flock : {false, true}) {
        output_services services;
        fs::remove(folder / "x.log");
        const auto to = open_file(rotating_args{folder / "x.log", true, 5, 2}, "", services);
        const int reader = ::open((folder / "x.log").c_str(), O_RDONLY | O_CLOEXEC);
        BOOST_REQUIRE((by_flock ? ::flock(reader, LOCK_EX) == 0 : lock_whole(reader, F_RDLCK)));
        to->write(at_second(0), "longer than five");
        to->write(at_second(1), "turned");
        to->flush();
        BOOST_TEST(folder.read("x.log") == "turned\n");
        BOOST_TEST(folder.read("x.log.1") == "longer than five\n");
        ::close(reader);
    }
}

BOOST_AUTO_TEST_CASE(report_log_3_no_finished_part_is_overwritten) {
    timed_args args;
    args.path = folder / "x.log";
    args.every = period::hour;
    args.utc = true;
    folder.write("x.log.2025-10-26_01", "first pass\n");
    folder.write("x.log.2025-10-26_01.1", "second pass\n");
    folder.write("x.log", "third pass\n");
    const timespec times[2] = {{1761441300, 0}, {1761441300, 0}}; // 2025-10-26 01:15
    BOOST_REQUIRE(::utimensat(AT_FDCWD, (folder / "x.log").c_str(), times, 0) == 0);
    use(args);
    log().warning("now");
    BOOST_TEST(folder.read("x.log.2025-10-26_01") == "first pass\n");
    BOOST_TEST(folder.read("x.log.2025-10-26_01.1") == "second pass\n");
    BOOST_TEST(folder.read("x.log.2025-10-26_01.2") == "third pass\n");
    BOOST_TEST(folder.read("x.log") == "now\n");
}

BOOST_AUTO_TEST_CASE(report_log_3_two_handlers_on_one_file_lose_nothing) {
    spec what = one_handler(rotating_args{folder / "x.log", true, 50, 100}, "%(message)s");
    what.handlers.push_back(what.handlers.front());
    what.handlers.back().name = "other";
    what.loggers.front().handlers.push_back("other");
    BOOST_REQUIRE(!all.configure(what).failed());
    for (int i = 0; i < 40; ++i)
        log().warning("line {:02}", i);
    std::string text;
    for (const auto& entry : fs::directory_iterator(folder.path()))
        text += folder.read(entry.path().filename().string());
    for (int i = 0; i < 40; ++i) {
        const std::string line =
            "line " + std::string(i < 10 ? "0" : "") + std::to_string(i) + "\n";
        const std::size_t first = text.find(line);
        BOOST_TEST_REQUIRE(first != std::string::npos, line);
        BOOST_TEST(text.find(line, first + 1) != std::string::npos, line);
    }
    BOOST_TEST(all.lost() == 0u);
}

BOOST_AUTO_TEST_CASE(a_handler_follows_a_file_that_another_handler_rotates) {
    const handler_args turned = rotating_args{folder / "x.log", true, 50, 1};
    timed_args daily;
    daily.path = folder / "x.log";
    for (const handler_args& other :
         {handler_args(file_args{folder / "x.log"}), handler_args(daily), turned})
        for (const bool turned_first : {false, true}) {
            spec what = one_handler(turned_first ? turned : other, "%(message)s");
            what.handlers.emplace_back("other", turned_first ? other : turned, "f");
            what.loggers.front().handlers.push_back("other");
            BOOST_REQUIRE(!all.configure(what).failed());
            for (int i = 0; i < 40; ++i) {
                const std::string line = "line " + std::to_string(i) + "\n";
                log().warning("line {}", i);
                const std::string part = folder.has("x.log.1") ? folder.read("x.log.1") : "";
                const std::string text = part + folder.read("x.log");
                const std::size_t first = text.find(line);
                BOOST_TEST_REQUIRE(first != std::string::npos, line);
                BOOST_TEST_REQUIRE(text.find(line, first + 1) != std::string::npos, line);
            }
            all.configure(spec());
            fs::remove(folder / "x.log");
            fs::remove(folder / "x.log.1");
        }
    BOOST_TEST(all.lost() == 0u);
}

BOOST_AUTO_TEST_CASE(collected_lines_go_to_the_file_that_another_handler_has_made) {
    spec what = one_handler(file_args{folder / "x.log"}, "%(message)s");
    what.handlers.emplace_back("other", rotating_args{folder / "x.log", true, 50, 1}, "f");
    what.loggers.front().handlers.push_back("other");
    BOOST_REQUIRE(!all.configure(what).failed());
    aio::async::loop loop;
    loop.post([&] {
        for (int i = 0; i < 40; ++i)
            log().info("line {}", i);
    });
    loop.poll();
    const std::string text = folder.read("x.log");
    for (int i = 0; i < 40; ++i)
        BOOST_TEST(text.find("line " + std::to_string(i) + "\n") != std::string::npos, i);
    BOOST_TEST(all.lost() == 0u);
}

BOOST_AUTO_TEST_CASE(standard_output_by_its_path_follows_a_file_that_is_rotated) {
    spec what = one_handler(rotating_args{folder / "x.log", true, 50, 1}, "%(message)s");
    what.handlers.emplace_back("other", file_args{"/dev/stdout"}, "f");
    what.loggers.front().handlers.push_back("other");
    const int kept = ::dup(STDOUT_FILENO);
    const int file = ::open((folder / "x.log").c_str(), O_WRONLY | O_APPEND | O_CREAT, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::close(file);
    all.lead_standard_output();
    const bool failed = all.configure(what).failed();
    for (int i = 10; i < 50; ++i)
        log().warning("line {}", i);
    ::dup2(kept, STDOUT_FILENO);
    ::close(kept);
    BOOST_TEST(!failed);
    BOOST_TEST(folder.read("x.log").ends_with("line 49\nline 49\n"));
    BOOST_TEST(all.lost() == 0u);
}

BOOST_AUTO_TEST_CASE(two_threads_lose_nothing_in_a_file_that_both_rotate) {
    spec what = one_handler(rotating_args{folder / "x.log", true, 200, 10'000}, "%(message)s");
    what.handlers.emplace_back("other", rotating_args{folder / "x.log", true, 300, 10'000}, "f");
    what.loggers = {
        logger_spec("", level::debug, {}),
        logger_spec("a", level::debug, {"h"}),
        logger_spec("b", level::debug, {"other"}),
    };
    BOOST_REQUIRE(!all.configure(what).failed());
    constexpr int count = 300;
    const auto write = [&](const char* name) {
        for (int i = 0; i < count; ++i)
            all.get(name).warning("line {} of {}", i, name);
    };
    std::thread other(write, "a");
    write("b");
    other.join();
    std::string text;
    for (const auto& entry : fs::directory_iterator(folder.path()))
        text += folder.read(entry.path().filename().string());
    BOOST_TEST(std::ranges::count(text, '\n') == 2 * count);
    BOOST_TEST(all.lost() == 0u);
}

BOOST_AUTO_TEST_CASE(report_log_4_a_period_is_counted_from_when_the_file_began) {
    timed_args args;
    args.path = folder / "x.log";
    args.every = period::day;
    args.utc = true;
    folder.write("x.log", "old\n");
    struct statx born{};
    BOOST_REQUIRE(::statx(AT_FDCWD, args.path.c_str(), 0, STATX_BTIME, &born) == 0);
    if (!(born.stx_mask & STATX_BTIME))
        return; // the file system knows no birth times
    const auto later = static_cast<std::time_t>(born.stx_btime.tv_sec) + 1000;
    const timespec times[2] = {{later, 0}, {later, 0}};
    BOOST_REQUIRE(::utimensat(AT_FDCWD, args.path.c_str(), times, 0) == 0);
    use(args); // written to in the meantime: the period did not begin anew
    log().warning("one");
    BOOST_TEST(!folder.has("x.log." + std::string("1")));
    BOOST_TEST(folder.read("x.log") == "old\none\n");
}

BOOST_AUTO_TEST_CASE(report_log_6_what_replaces_a_file_takes_over_its_mode_and_owner) {
    const bool root = ::getuid() == 0;
    const auto owner = root ? 1234u : ::getuid();
    const auto group = root ? 1235u : ::getgid();
    const auto prepare = [&](const std::string& name) {
        folder.write(name, "old\n");
        BOOST_REQUIRE(::chmod((folder / name).c_str(), 0600) == 0);
        BOOST_REQUIRE(::chown((folder / name).c_str(), owner, group) == 0);
    };
    const auto check = [&](const std::string& name) {
        struct stat now{};
        BOOST_REQUIRE(::stat((folder / name).c_str(), &now) == 0);
        BOOST_TEST((now.st_mode & 07777u) == 0600u, name);
        BOOST_TEST(now.st_uid == owner, name);
        BOOST_TEST(now.st_gid == group, name);
    };
    prepare("sized.log");
    use(rotating_args{folder / "sized.log", true, 10, 2});
    log().warning("longer than ten");
    log().warning("longer than ten");
    for (const char* name : {"sized.log", "sized.log.1", "sized.log.2"})
        check(name);

    prepare("timed.log");
    const timespec times[2] = {{1000000000, 0}, {1000000000, 0}};
    ::utimensat(AT_FDCWD, (folder / "timed.log").c_str(), times, 0);
    timed_args by_time;
    by_time.path = folder / "timed.log";
    by_time.every = period::second;
    use(by_time);
    log().warning("new");
    check("timed.log");
    check("timed.log.2001-09-09_01-46-40");

    prepare("plain.log");
    use(file_args{folder / "plain.log"});
    fs::rename(folder / "plain.log", folder / "plain.log.1");
    BOOST_TEST(all.reopen().empty());
    check("plain.log");
}

BOOST_AUTO_TEST_CASE(only_what_was_just_made_is_given_away) {
    if (::getuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    folder.write("x.log", "");
    BOOST_REQUIRE(::chmod((folder / "x.log").c_str(), 0600) == 0);
    use(file_args{folder / "x.log"});
    const auto problems = all.give_to(1234, 1235);
    BOOST_TEST_REQUIRE(problems.size() == 1u);
    BOOST_TEST(problems[0].find("existed before") != std::string::npos);
    struct stat now{};
    ::stat((folder / "x.log").c_str(), &now);
    BOOST_TEST(now.st_uid == 0u);
}

BOOST_AUTO_TEST_CASE(a_log_that_becomes_standard_output_is_collected_no_longer) {
    use(file_args{folder / "x.log"});
    std::vector<std::string> seen;
    const auto add = [&](const std::string& line) {
        log().info("{}", line);
        seen.push_back(folder.read("x.log"));
    };
    aio::async::loop loop;
    loop.post([&] {
        add("collected");
        const int kept = ::dup(STDERR_FILENO);
        const int file = ::open((folder / "x.log").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
        ::dup2(file, STDERR_FILENO); // as a daemon does once it has started
        ::close(file);
        all.standard_output_replaced();
        seen.push_back(folder.read("x.log"));
        add("direct");
        ::dup2(kept, STDERR_FILENO);
        ::close(kept);
        all.standard_output_replaced();
        add("collected again");
    });
    loop.poll();
    const std::vector<std::string> right{
        "", "collected\n", "collected\ndirect\n", "collected\ndirect\n"
    };
    BOOST_TEST(seen == right, boost::test_tools::per_element());
    BOOST_TEST(folder.read("x.log") == "collected\ndirect\ncollected again\n");
}

BOOST_AUTO_TEST_SUITE_END()
