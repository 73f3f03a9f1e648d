#include <aio/log/level.hpp>

#include <boost/test/unit_test.hpp>

using aio::log::level;
using aio::log::parse_level;

BOOST_AUTO_TEST_SUITE(level_)

BOOST_AUTO_TEST_CASE(names_are_read_in_any_case) {
    BOOST_TEST((parse_level("debug") == level::debug));
    BOOST_TEST((parse_level(" Warning ") == level::warning));
    BOOST_TEST((parse_level("WARN") == level::warning));
    BOOST_TEST((parse_level("fatal") == level::critical));
    BOOST_TEST((parse_level("NOTSET") == level::trace));
    BOOST_TEST((parse_level("off") == level::off));
    BOOST_TEST(!parse_level("INFOO"));
    BOOST_TEST(!parse_level(""));
    BOOST_TEST(!parse_level("-1"));
    BOOST_TEST(!parse_level("10x"));
}

BOOST_AUTO_TEST_CASE(numbers_are_pythons_thresholds) {
    BOOST_TEST((parse_level("0") == level::trace));
    BOOST_TEST((parse_level("10") == level::debug));
    BOOST_TEST((parse_level("15") == level::info));
    BOOST_TEST((parse_level("20") == level::info));
    BOOST_TEST((parse_level("30") == level::warning));
    BOOST_TEST((parse_level("40") == level::error));
    BOOST_TEST((parse_level("50") == level::critical));
    BOOST_TEST((parse_level("51") == level::off));
}

BOOST_AUTO_TEST_CASE(every_name_reads_back) {
    for (int i = 0; i <= static_cast<int>(level::off); ++i)
        BOOST_TEST((parse_level(aio::log::name(static_cast<level>(i))) == static_cast<level>(i)));
}

BOOST_AUTO_TEST_SUITE_END()
