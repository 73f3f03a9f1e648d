#include <aio/signal/table.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::signal;

BOOST_AUTO_TEST_SUITE(table_matches)

BOOST_AUTO_TEST_CASE(a_star_stands_for_any_text) {
    struct row {
        const char* pattern;
        const char* name;
        bool matches;
    };

    for (const row& one : {
             row{"a", "a", true},
             row{"a", "A", true},
             row{"a", "b", false},
             row{"*", "", true},
             row{"*", "anything", true},
             row{"server.*", "server.up", true},
             row{"server.*", "server.", true},
             row{"server.*", "server", false},
             row{"SERVER.*", "server.up", true},
             row{"*.up", "server.up", true},
             row{"*.up", "server.upper", false},
             row{"a*b*c", "a--b--c", true},
             row{"a*b*c", "abcbc", true},
             row{"a*b*c", "acb", false},
             row{"**", "x", true},
             row{"", "", true},
             row{"", "x", false},
         })
        BOOST_TEST(
            matches(one.pattern, one.name) == one.matches, one.pattern << " and " << one.name
        );
}

BOOST_AUTO_TEST_SUITE_END()
