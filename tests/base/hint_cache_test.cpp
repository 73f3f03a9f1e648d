#include <aio/base/hint_cache.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using aio::base::hint_cache;

BOOST_AUTO_TEST_SUITE(hint_cache_)

BOOST_AUTO_TEST_CASE(each_name_is_searched_for_once_and_only_so_many_are) {
    hint_cache hints;
    std::size_t searches = 0;
    const auto get = [&](const std::string& name) {
        return hints.get(name, [&] {
            ++searches;
            return "did you mean " + name + "?";
        });
    };
    for (int i = 0; i < 1000; ++i)
        BOOST_TEST(get("a") == "did you mean a?");
    BOOST_TEST(searches == 1u);
    for (int i = 0; i < 1000; ++i)
        get(std::to_string(i));
    BOOST_TEST(searches == hint_cache::most);
    BOOST_TEST(hints.searches() == hint_cache::most);
    BOOST_TEST(get("999") == "");
    BOOST_TEST(get("a") == "did you mean a?");
}

BOOST_AUTO_TEST_SUITE_END()
