#include "specs.hpp"

#include <aio/log/tree.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <thread>

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
};

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

BOOST_AUTO_TEST_CASE(warnings_are_written_at_once_and_the_rest_by_flush) {
    use(file_args{folder / "x.log"});
    log().info("first"); // nothing was written for a second: neither is it kept back
    BOOST_TEST(folder.read("x.log") == "first\n");
    log().info("second");
    BOOST_TEST(folder.read("x.log") == "first\n");
    log().warning("third");
    BOOST_TEST(folder.read("x.log") == "first\nsecond\nthird\n");
    log().info("fourth");
    all.flush();
    BOOST_TEST(folder.read("x.log") == "first\nsecond\nthird\nfourth\n");
}

BOOST_AUTO_TEST_CASE(what_is_collected_is_written_without_waiting_for_who_is_logging) {
    use(file_args{folder / "x.log"});
    log().info("first");
    log().info("second");
    all.flush_if_free();
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
    const std::string path = folder / "pipe";
    BOOST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    use(file_args{path});
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
    BOOST_TEST((got == big + "\n"));
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
    for (int i = 1; i <= 3; ++i)
        log().info("line {} 89", i);
    all.flush();
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
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = 10;
    ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    log().warning("67890");
    ::setrlimit(RLIMIT_FSIZE, &before);
    BOOST_TEST(all.lost() == 1u);
    log().warning("whole");
    BOOST_TEST(folder.read("x.log") == "12345\n6789\nwhole\n");
    BOOST_TEST(all.lost() == 1u);
}

BOOST_AUTO_TEST_CASE(a_fifo_nobody_reads_is_an_error_and_no_wait) {
    BOOST_TEST_REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    const auto wrong = all.configure(one_handler(file_args{folder / "fifo"}));
    BOOST_TEST(wrong.errors() == 1u);
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

BOOST_AUTO_TEST_SUITE_END()
