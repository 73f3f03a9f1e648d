#include <aio/app/app.hpp>
#include <aio/app/inherited_descriptors.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string_view>
#include <utility>
#include <vector>

using namespace aio::app;

BOOST_AUTO_TEST_SUITE(app_inherited_descriptors)

BOOST_AUTO_TEST_CASE(a_text_names_descriptors_at_any_place) {
    const std::pair<std::string_view, std::set<int>> table[]{
        {"", {}},
        {"/dev/stdin", {}},
        {"/dev/fd/5", {5}},
        {"('/proc/self/fd/12', 'a')", {12}},
        {"/proc/self/task/7/fd/6", {6}},
        {"/dev/fd/3\n/dev/fd/4", {3, 4}},
        {"/srv/fd/", {}},
        {"/fd/x/fd/9", {9}},
        {"/dev/fd/-5", {}},
        {"/dev/fd/99999999999999", {}},
    };
    for (const auto& [text, numbers] : table)
        BOOST_TEST((descriptors_named_in(text) == numbers), text);
}

BOOST_AUTO_TEST_CASE(those_that_no_value_names_are_left) {
    load_request request;
    request.surroundings = false;
    request.text = {
        "t.conf", "[x]\na = ${b} /dev/fd/4\nb = /dev/fd/6\n[aio]\nlog_file = /dev/fd/8\n"
    };
    const configuration loaded = configure(request);
    BOOST_TEST(
        not_named({3, 4, 5, 6, 7, 8}, loaded) == (std::vector{3, 5, 7}),
        boost::test_tools::per_element()
    );
    BOOST_TEST(not_named({}, loaded).empty());
}

BOOST_AUTO_TEST_SUITE_END()
