#include "../support/few_descriptors.hpp"
#include "pods.hpp"

#include <aio/bean/line_reader.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

using namespace test;
using aio::bean::context;

namespace {

class reads final : public aio::bean::line_reader {
  public:
    reads(const aio::bean::context& given, pods& in, int from, std::size_t longest = 1 << 20)
        : line_reader(given), in_(in), from_(from), longest_(longest) {}

  private:
    task<void> on_line(std::string line) override {
        if (line == "slow")
            co_await aio::async::sleep(1s);
        if (line == "bad")
            throw std::runtime_error("bad line");
        in_.note(line.size() > 20 ? fmt::format("{} bytes", line.size()) : "'" + line + "'");
    }

    int descriptor() const override { return from_; }

    std::size_t longest_line() const override { return longest_; }

    pods& in_;
    int from_;
    std::size_t longest_;
};

/// A file that holds `text`, without a name, or a pipe.
struct input {
    explicit input(std::string_view text, bool pipe) {
        if (pipe) {
            BOOST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        } else {
            char name[] = "/tmp/aio_lines_XXXXXX";
            ends[0] = ends[1] = ::mkstemp(name);
            ::unlink(name);
        }
        BOOST_REQUIRE(::write(ends[1], text.data(), text.size()) == ssize_t(text.size()));
        if (!pipe)
            ::lseek(ends[0], 0, SEEK_SET);
        piped = pipe;
    }

    ~input() {
        end();
        ::close(ends[0]);
    }

    void end() {
        if (piped && ends[1] >= 0)
            ::close(std::exchange(ends[1], -1));
    }

    std::array<int, 2> ends{-1, -1};
    bool piped = false;
};

/// What comes of it; the input ends.
std::string lines(pods& p, std::string text, bool pipe, std::size_t longest = 1 << 20) {
    input from(text, pipe);
    from.end();
    p.bean("f", [&](context given) -> task<void> {
        reads one(given, p, from.ends[0], longest);
        co_await one();
    });
    p.run("[bean/a]\ncore = m.f\n", [&] { return p.all_ended(); });
    return p.notes();
}

/// The same of a pipe that stays open; the pod is told to stop once the first line was read.
std::string lines_until_stopped(pods& p, std::string_view text) {
    input from(text, true);
    p.bean("f", [&](context given) -> task<void> {
        reads one(given, p, from.ends[0]);
        co_await one();
    });
    p.run("[bean/a]\ncore = m.f\n", [&]() -> task<void> {
        while (p.noted.empty())
            co_await aio::async::sleep(1ms);
    });
    return p.notes();
}

} // namespace

BOOST_AUTO_TEST_SUITE(line_reader)

BOOST_AUTO_TEST_CASE(gives_each_line_the_last_one_too) {
    for (const bool pipe : {false, true}) {
        const auto given = [&](std::string text) {
            pods p;
            return lines(p, std::move(text), pipe);
        };
        BOOST_TEST(given("") == "");
        BOOST_TEST(given("\n") == "''");
        BOOST_TEST(given("one") == "'one'");
        BOOST_TEST(given("one\n") == "'one'");
        BOOST_TEST(given("one\n\ntwo\nthe last") == "'one', '', 'two', 'the last'");
        BOOST_TEST(given(std::string("a\0b\r\n", 5)) == std::string("'a\0b\r'", 6));
        BOOST_TEST(given(std::string(50000, 'x') + "\nend") == "50000 bytes, 'end'");
    }
}

BOOST_AUTO_TEST_CASE(a_line_without_end_is_an_error) {
    pods p;
    BOOST_TEST(lines(p, "short\n" + std::string(50000, 'x'), true, 20000) == "'short'");
    BOOST_TEST(
        p.app.crashes ==
        std::vector<std::string>{"bean/a: a line of standard input is longer than 20000 bytes"}
    );
}

BOOST_AUTO_TEST_CASE(an_error_of_a_line_ends_it) {
    pods p;
    BOOST_TEST(lines(p, "one\nbad\ntwo\n", true) == "'one'");
    BOOST_TEST(p.app.crashes == std::vector<std::string>{"bean/a: bad line"});
}

BOOST_AUTO_TEST_CASE(closed_is_as_if_empty) {
    pods p;
    p.bean("f", [&](context given) -> task<void> {
        reads one(given, p, -1);
        co_await one();
    });
    p.run("[bean/a]\ncore = m.f\n", [&] { return p.all_ended(); });
    BOOST_TEST(p.app.ends.size() == 1u);
}

BOOST_AUTO_TEST_CASE(open_but_out_of_reach_is_an_error) {
    pods p;
    const input from("one\n", true);
    p.bean("f", [&](context given) -> task<void> {
        reads one(given, p, from.ends[0]);
        const few_descriptors none(3);
        co_await one();
    });
    p.run("[bean/a]\ncore = m.f\n", [&] { return p.all_ended(); });
    BOOST_REQUIRE(p.app.crashes.size() == 1u);
    BOOST_TEST(p.app.crashes.front().starts_with("bean/a: standard input: "));
}

BOOST_AUTO_TEST_CASE(stopped_it_hands_over_what_it_has_read_and_reads_no_more) {
    pods p;
    BOOST_TEST(lines_until_stopped(p, "one\nslow\ntwo\nunfini") == "'one', 'slow', 'two'");
    BOOST_TEST(p.app.crashes.empty());
}

BOOST_AUTO_TEST_CASE(stopped_while_it_waits_it_ends) {
    pods p;
    BOOST_TEST(lines_until_stopped(p, "one\n") == "'one'");
    BOOST_TEST(p.app.crashes.empty());
}

BOOST_AUTO_TEST_SUITE_END()
