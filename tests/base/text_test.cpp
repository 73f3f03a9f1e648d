#include <aio/base/text.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::base;

using strings = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(strip_takes_the_blanks_of_the_dialect) {
    BOOST_TEST(strip(" \t\x0b\x1f x y \u00a0\u3000\u2028") == "x y");
    BOOST_TEST(strip("\u200bx\ufeff") == "\u200bx\ufeff");
    BOOST_TEST(strip("   ") == "");
    BOOST_TEST(strip("\x85") == "\x85"); // a lone byte is no U+0085
}

BOOST_AUTO_TEST_CASE(split_strips_and_drops_empty_pieces) {
    BOOST_TEST(split(" a ,, b,", ',') == (strings{"a", "b"}));
    BOOST_TEST(split("", ',').empty());
    BOOST_TEST(join(strings{"a", "b"}, ", ") == "a, b");
}

BOOST_AUTO_TEST_CASE(edit_distance_counts_a_swap_once) {
    BOOST_TEST(edit_distance("port", "prot") == 1u);
    BOOST_TEST(edit_distance("kitten", "sitting") == 3u);
    BOOST_TEST(edit_distance("", "abc") == 3u);
    BOOST_TEST(edit_distance("é", "e") == 1u);
    BOOST_TEST(edit_distance("ca", "abc") == 3u); // restricted: no edit inside a swap
}

BOOST_AUTO_TEST_CASE(nearly_follows_the_lengths) {
    BOOST_TEST(nearly("prot", "port"));
    BOOST_TEST(nearly("PORT", "port"));
    BOOST_TEST(!nearly("port", "port"));
    BOOST_TEST(!nearly("part", "port")); // four letters: only a swap
    BOOST_TEST(nearly("evry", "every"));
    BOOST_TEST(nearly("sever", "server"));
    BOOST_TEST(!nearly("serv", "server"));
    BOOST_TEST(nearly("on_eror", "on_error"));
    BOOST_TEST(!nearly("o_eror", "on_error")); // eight letters: one edit
    BOOST_TEST(nearly("max_runing", "max_running"));
    BOOST_TEST(nearly("max_rnning", "max_running"));
    BOOST_TEST(nearly("mx_runing", "max_running"));
    BOOST_TEST(!nearly("mx_rning", "max_running"));
}

BOOST_AUTO_TEST_CASE(what_is_not_seen_is_near_at_every_length) {
    for (const char* name :
         {"aio ", "\taio", "a\u00a0io", "\u0430\u0456\u043e", "ai\u043e", "aio\u200b", "A\u0406O"})
        BOOST_TEST(nearly(name, "aio"), name);
    BOOST_TEST(nearly("s\u0435ver", "server")); // and an edit
    BOOST_TEST(nearly("aio" + std::string(300, ' '), "aio"));
    BOOST_TEST(!nearly("aioo", "aio"));
    BOOST_TEST(!nearly("server x", "server")); // a blank between letters is a letter
    BOOST_TEST(nearest("\u0456n", strings{"in", "on"}).front() == "in");
}

BOOST_AUTO_TEST_CASE(very_long_names_are_not_compared) {
    const std::string name(300'000, 'a');
    BOOST_TEST(nearest(name + 'b', strings{name + 'c', "a", name}).empty());
    BOOST_TEST(!nearly(name + 'b', name + 'c'));
    const std::string shorter(250, 'a');
    BOOST_TEST(nearest(shorter + 'b', strings{shorter + 'c'}).size() == 1u);
}

BOOST_AUTO_TEST_CASE(nearest_orders_by_distance) {
    const strings names{"port", "path", "protocol", "host", "backlog"};
    BOOST_TEST(nearest("prot", names) == strings{"port"});
    BOOST_TEST(nearest("proto", names).front() == "protocol");
    BOOST_TEST(nearest("zzzz", names).empty());
    BOOST_TEST(nearest("log level", strings{"log_level", "loglevel"}).front() == "loglevel");
}

BOOST_AUTO_TEST_CASE(did_you_mean_reads_well) {
    BOOST_TEST(did_you_mean("prot", strings{"port"}) == "did you mean 'port'?");
    BOOST_TEST(did_you_mean("ab1", strings{"ab2", "ab3"}) == "did you mean 'ab2' or 'ab3'?");
    BOOST_TEST(
        did_you_mean("ab1", strings{"ab2", "ab3", "ab4"}) == "did you mean 'ab2', 'ab3' or 'ab4'?"
    );
    BOOST_TEST(did_you_mean("xyz", strings{"port"}) == "");
}

BOOST_AUTO_TEST_CASE(json_quote_escapes) {
    BOOST_TEST(json_quote("a\u200b\U000e0041") == "\"a\\u200b\\udb40\\udc41\"");
    BOOST_TEST(json_quote("a\"\\\n\t\r\x01é") == "\"a\\\"\\\\\\n\\t\\r\\u0001é\"");
    BOOST_TEST(json_quote("\x7f\u0085\u2028\u202e") == "\"\\u007f\\u0085\\u2028\\u202e\"");
    for (const std::string bad : {"\xff", "\xc3", "\xc0", "\xed"})
        BOOST_TEST(json_quote("a" + bad + "b") == "\"a\ufffdb\"");
}

BOOST_AUTO_TEST_CASE(code_points_are_counted) {
    BOOST_TEST(code_points("aé日\U0001F600") == 4u);
    BOOST_TEST(code_points("\xff\xff") == 2u);
}

BOOST_AUTO_TEST_CASE(lines_are_all_there_is_between_newlines) {
    const auto joined = [](std::string_view text) {
        std::string out;
        for (const std::string_view line : lines(text))
            out += '<' + std::string(line) + '>';
        return out;
    };
    BOOST_TEST(joined("") == "<>");
    BOOST_TEST(joined("a") == "<a>");
    BOOST_TEST(joined("a\n\n b") == "<a><>< b>");
    BOOST_TEST(joined("a\n") == "<a><>");
}

BOOST_AUTO_TEST_SUITE_END()
