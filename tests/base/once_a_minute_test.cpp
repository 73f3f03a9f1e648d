#include <aio/base/once_a_minute.hpp>

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(once_a_minute)

BOOST_AUTO_TEST_CASE(one_a_minute_with_a_count_of_those_left_out) {
    aio::base::once_a_minute warn;

    const struct {
        aio::base::duration at;
        std::optional<std::uint64_t> silent;
    } all[] = {
        {5s, 0},
        {6s, std::nullopt},
        {64s, std::nullopt},
        {65s, 2},
        {66s, std::nullopt},
        {1000s, 1},
        {1060s, 0},
    };

    for (const auto& one : all)
        BOOST_TEST((warn.note(one.at) == one.silent), one.at.count());
}

BOOST_AUTO_TEST_SUITE_END()
