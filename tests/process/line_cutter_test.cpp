#include <aio/process/line_cutter.hpp>

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <string>
#include <vector>

using aio::process::line_cutter;

namespace {

struct fixture {
    std::vector<std::string> lines;
    std::vector<std::uint64_t> cuts;
    line_cutter cutter{[this](std::string_view line, std::uint64_t cut) {
        lines.emplace_back(line);
        cuts.push_back(cut);
    }};

    std::string all() const { return fmt::format("{}", fmt::join(lines, "|")); }
};

const std::string longest(line_cutter::longest, 'x');

} // namespace

BOOST_FIXTURE_TEST_SUITE(lines_of_output, fixture)

BOOST_AUTO_TEST_CASE(lines_come_whole_however_the_bytes_arrive) {
    const std::string text = "one\ntwo\r\n\n three \nfour";
    for (std::size_t step = 1; step <= text.size(); ++step) {
        lines.clear();
        for (std::size_t at = 0; at < text.size(); at += step)
            cutter.take(std::string_view(text).substr(at, step));
        BOOST_TEST(all() == "one|two|| three ");
        cutter.end();
        BOOST_TEST(all() == "one|two|| three |four");
        cutter.end();
        BOOST_TEST(lines.size() == 5u);
    }
}

BOOST_AUTO_TEST_CASE(a_nul_and_any_byte_pass) {
    cutter.take(std::string_view("a\0b\xff\n", 5));
    BOOST_TEST(lines.at(0) == std::string("a\0b\xff", 4));
}

BOOST_AUTO_TEST_CASE(the_longest_line_is_not_cut) {
    for (const std::string& end : {"\n", "\r\n"}) {
        cutter.take(longest);
        cutter.take(end);
        BOOST_TEST((lines.back() == longest));
        BOOST_TEST(cuts.back() == 0u);
        cutter.take(longest + end);
        BOOST_TEST((lines.back() == longest));
        BOOST_TEST(cuts.back() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_longer_one_is_cut_and_counted) {
    cutter.take(longest + "y\n");
    BOOST_TEST((lines.back() == longest));
    BOOST_TEST(cuts.back() == 1u);
    for (int i = 0; i < 100; ++i)
        cutter.take(longest);
    cutter.take("\nnext\n");
    BOOST_TEST(lines.size() == 3u);
    BOOST_TEST((lines[1] == longest));
    BOOST_TEST(cuts[1] == 99 * longest.size());
    BOOST_TEST(lines[2] == "next");
    BOOST_TEST(cuts[2] == 0u);
}

BOOST_AUTO_TEST_CASE(a_long_last_line_without_newline_is_cut_too) {
    cutter.take(longest + "abc");
    cutter.end();
    BOOST_TEST((lines.back() == longest));
    BOOST_TEST(cuts.back() == 3u);
}

BOOST_AUTO_TEST_CASE(no_character_is_cut_in_two) {
    const std::string snake = "\xf0\x9f\x90\x8d";
    cutter.take(longest.substr(2) + snake + "\n");
    BOOST_TEST((lines.back() == longest.substr(2)));
    BOOST_TEST(cuts.back() == 4u);
    cutter.take(longest.substr(4) + snake + "z\n");
    BOOST_TEST((lines.back() == longest.substr(4) + snake));
    BOOST_TEST(cuts.back() == 1u);
    cutter.take(std::string(line_cutter::longest + 10, '\x80') + "\n"); // not UTF-8 at all
    BOOST_TEST(lines.back().size() == line_cutter::longest);
    BOOST_TEST(cuts.back() == 10u);
}

BOOST_AUTO_TEST_SUITE_END()
