// Standard output and error as a terminal, a pipe, a file, or nothing at all.

#include "specs.hpp"

#include <aio/async/loop.hpp>
#include <aio/log/tree.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <string>

using namespace aio::log;

namespace {

/// Puts another descriptor in place of a standard one for a while.
class in_place_of {
  public:
    in_place_of(int standard, int other) : standard_(standard), kept_(::dup(standard)) {
        ::dup2(other, standard);
    }

    in_place_of(const in_place_of&) = delete;
    in_place_of& operator=(const in_place_of&) = delete;

    ~in_place_of() {
        ::dup2(kept_, standard_);
        ::close(kept_);
    }

  private:
    int standard_, kept_;
};

struct pipe_fixture {
    std::array<int, 2> ends{};

    pipe_fixture() {
        ::signal(SIGPIPE, SIG_IGN);
        BOOST_REQUIRE(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) == 0);
    }

    ~pipe_fixture() {
        close_reader();
        ::close(ends[1]);
    }

    void close_reader() {
        if (ends[0] >= 0)
            ::close(ends[0]);
        ends[0] = -1;
    }

    std::string text() const {
        std::array<char, 4096> room;
        const auto got = ::read(ends[0], room.data(), room.size());
        return got > 0 ? std::string(room.data(), static_cast<std::size_t>(got)) : "";
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(stream_, pipe_fixture)

BOOST_AUTO_TEST_CASE(records_before_configuration_go_to_standard_error) {
    tree all;
    {
        in_place_of error(STDERR_FILENO, ends[1]);
        all.get("aio").info("early {}", 1);
        all.get("aio").debug("not even there");
    }
    const std::regex expected(R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO\(aio\): early 1\n)");
    BOOST_TEST(std::regex_match(text(), expected));
}

BOOST_AUTO_TEST_CASE(case_73_a_pipe_gets_every_record_at_once) {
    tree all;
    {
        in_place_of out(STDOUT_FILENO, ends[1]);
        const std::string format(default_format);
        BOOST_TEST(!all.configure(one_handler(stream_args{aio::log::stream::out}, format)).failed()
        );
        all.get("aio").info("one");
        const std::regex expected(R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO\(aio\): one\n)");
        BOOST_TEST(std::regex_match(text(), expected));
    }
}

BOOST_AUTO_TEST_CASE(without_a_reader_the_records_go_to_standard_error) {
    aio::testing::temporary_folder folder;
    in_place_of out(STDOUT_FILENO, ends[1]);
    const handler_args as_path = file_args{"/dev/stdout"};
    for (const handler_args& args : {handler_args(stream_args{aio::log::stream::out}), as_path}) {
        const int errors = ::open((folder / "err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        tree all;
        {
            in_place_of error(STDERR_FILENO, errors);
            close_reader();
            BOOST_TEST(!all.configure(one_handler(args, "%(message)s")).failed());
            for (int i = 0; i < 100; ++i)
                all.root().info("passed on");
        }
        ::close(errors);
        const std::string said = folder.read("err");
        BOOST_TEST(said.starts_with("aio: warning: the log cannot write to "), said);
        BOOST_TEST(
            said.find("; its records go to standard error until it can\n") != said.npos, said
        );
        BOOST_TEST(said.ends_with("\npassed on\npassed on\n"), said);
        BOOST_TEST(std::count(said.begin(), said.end(), '\n') == 101);
    }
}

BOOST_AUTO_TEST_CASE(a_reader_that_goes_away_loses_no_record) {
    aio::testing::temporary_folder folder;
    const int errors = ::open((folder / "err").c_str(), O_WRONLY | O_CREAT, 0600);
    tree all;
    {
        in_place_of error(STDERR_FILENO, errors);
        in_place_of out(STDOUT_FILENO, ends[1]);
        spec what = one_handler(stream_args{aio::log::stream::out}, "%(message)s");
        what.handlers.emplace_back("path", file_args{"/dev/stdout"}, "f");
        what.loggers = {logger_spec("", level::debug, {"h", "path"})};
        BOOST_TEST(!all.configure(what).failed());
        all.root().info("seen");
        BOOST_TEST(text() == "seen\nseen\n");
        close_reader();
        all.root().info("one");
        all.root().info("two");
    }
    ::close(errors);
    const std::string warning = "; its records go to standard error until it can\n";
    BOOST_TEST(
        folder.read("err") == "aio: warning: the log cannot write to standard output: Broken pipe" +
                                  warning +
                                  "one\naio: warning: the log cannot write to '/dev/stdout': "
                                  "Broken pipe" +
                                  warning + "one\ntwo\ntwo\n"
    );
}

BOOST_AUTO_TEST_CASE(a_terminal_that_was_closed_has_no_reader) {
    aio::testing::temporary_folder folder;
    const int errors = ::open((folder / "err").c_str(), O_WRONLY | O_CREAT, 0600);
    const int main_end = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    BOOST_REQUIRE((::grantpt(main_end) == 0 && ::unlockpt(main_end) == 0));
    const int terminal = ::open(::ptsname(main_end), O_RDWR | O_NOCTTY | O_CLOEXEC);
    BOOST_REQUIRE(terminal >= 0);
    ::close(main_end);
    for (const handler_args& args :
         {handler_args(stream_args{aio::log::stream::out}), handler_args(file_args{"/dev/stdout"})
         }) {
        tree all;
        in_place_of error(STDERR_FILENO, errors);
        in_place_of out(STDOUT_FILENO, terminal);
        BOOST_TEST(!all.configure(one_handler(args, "%(message)s")).failed());
        all.root().info("passed on");
    }
    ::close(terminal);
    ::close(errors);
    const std::string said = folder.read("err");
    BOOST_TEST(said.ends_with("\npassed on\n"), said);
    BOOST_TEST(std::count(said.begin(), said.end(), '\n') == 4, said);
}

BOOST_AUTO_TEST_CASE(a_reader_that_is_back_gets_the_records_again) {
    aio::testing::temporary_folder folder;
    const int errors = ::open((folder / "err").c_str(), O_WRONLY | O_CREAT, 0600);
    BOOST_REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    const auto read = [&] { return ::open((folder / "fifo").c_str(), O_RDONLY | O_NONBLOCK); };
    int reader = read();
    const int fifo = ::open((folder / "fifo").c_str(), O_WRONLY | O_NONBLOCK);
    tree all;
    {
        in_place_of error(STDERR_FILENO, errors);
        in_place_of out(STDOUT_FILENO, fifo);
        BOOST_TEST(
            !all.configure(one_handler(stream_args{aio::log::stream::out}, "%(message)s")).failed()
        );
        ::close(reader);
        all.root().info("one");
        reader = read();
        all.root().info("two"); // the pause is not over
        all.standard_output_replaced();
        all.root().info("three");
    }
    std::array<char, 100> room;
    const auto got = ::read(reader, room.data(), room.size());
    BOOST_TEST(
        std::string(room.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))) == "three\n"
    );
    for (const int each : {reader, fifo, errors})
        ::close(each);
    BOOST_TEST(
        folder.read("err") == "aio: warning: the log cannot write to standard output: Broken pipe; "
                              "its records go to standard error until it can\none\ntwo\n"
                              "aio: the log reaches standard output again\n"
    );
}

BOOST_AUTO_TEST_CASE(records_that_standard_error_does_not_take_either_are_lost) {
    tree all;
    {
        in_place_of error(STDERR_FILENO, ends[1]);
        in_place_of out(STDOUT_FILENO, ends[1]);
        BOOST_TEST(!all.configure(one_handler(stream_args{aio::log::stream::out})).failed());
        close_reader();
        for (int i = 0; i < 100; ++i)
            all.root().info("nobody reads");
    }
    BOOST_TEST(all.lost() == 100u);
}

BOOST_AUTO_TEST_CASE(a_closed_standard_error_hurts_nobody) {
    tree all;
    {
        in_place_of error(STDERR_FILENO, ends[1]);
        close_reader();
        all.root().error("gone");
    }
    BOOST_TEST(all.lost() == 1u);
}

BOOST_AUTO_TEST_CASE(a_full_pipe_that_does_not_block_loses_records_in_bounded_time) {
    tree all;
    {
        in_place_of out(STDOUT_FILENO, ends[1]);
        BOOST_TEST(!all.configure(one_handler(stream_args{aio::log::stream::out})).failed());
        all.root().info("{}", std::string(200000, 'x'));
        const auto begun = std::chrono::steady_clock::now();
        for (int i = 0; i < 200; ++i)
            all.root().info("more");
        BOOST_TEST((std::chrono::steady_clock::now() - begun < std::chrono::seconds(10)));
    }
    BOOST_TEST(all.lost() == 201u);
}

BOOST_AUTO_TEST_CASE(standard_output_is_never_collected) {
    aio::testing::temporary_folder folder;
    const int file = ::open((folder / "out").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    tree all;
    aio::async::loop loop;
    {
        in_place_of out(STDOUT_FILENO, file);
        BOOST_TEST(
            !all.configure(one_handler(stream_args{aio::log::stream::out}, "%(message)s")).failed()
        );
        loop.post([&] {
            all.root().info("first");
            BOOST_TEST(folder.read("out") == "first\n");
        });
        loop.poll();
    }
    ::close(file);
}

BOOST_AUTO_TEST_CASE(report_log_2_names_of_descriptors_mean_the_descriptor) {
    aio::testing::temporary_folder folder;
    std::array<int, 2> pair{};
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0); // inherited on exec
    const std::string number = std::to_string(pair[0]);
    const auto got = [&] {
        std::array<char, 100> room;
        const auto count = ::recv(pair[1], room.data(), room.size(), MSG_DONTWAIT);
        return std::string(room.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    };
    std::filesystem::create_symlink("/proc/self/fd/" + number, folder / "link");
    timed_args by_time;
    by_time.every = period::second;
    in_place_of out(STDOUT_FILENO, pair[0]);
    for (const std::string& path :
         {std::string("/dev/stdout"),
          "/dev/fd/" + number,
          "/proc/self/fd/" + number,
          "/proc/" + std::to_string(::getpid()) + "/fd/" + number,
          "/proc/thread-self/fd/" + number,
          std::string("/dev/../dev/./stdout"),
          folder / "link"}) {
        by_time.path = path;
        for (const handler_args& args :
             {handler_args(file_args{path, false}),
              handler_args(rotating_args{path, true, 1, 2}),
              handler_args(by_time)}) {
            tree all;
            const auto wrong = all.configure(one_handler(args, "%(message)s"));
            BOOST_TEST_REQUIRE(!wrong.failed(), aio::base::render(wrong));
            all.root().info("one");
            BOOST_TEST(all.reopen().empty());
            all.root().info("two");
            BOOST_TEST(got() == "one\ntwo\n", path);
            BOOST_TEST(all.lost() == 0u);
        }
    }
    ::close(pair[0]);
    ::close(pair[1]);
}

BOOST_AUTO_TEST_CASE(report_log_2_a_descriptor_that_is_not_open_is_an_error) {
    tree all;
    const auto wrong = all.configure(one_handler(file_args{"/dev/fd/999"}));
    BOOST_TEST_REQUIRE(wrong.errors() == 1u);
    BOOST_TEST(wrong.begin()->text.find("descriptor 999 is not open") != std::string::npos);
    const int own = ::open("/dev/null", O_WRONLY | O_CLOEXEC); // as aio opens its own
    BOOST_TEST(all.configure(one_handler(file_args{"/dev/fd/" + std::to_string(own)})).failed());
    ::close(own);
}

BOOST_AUTO_TEST_SUITE_END()
