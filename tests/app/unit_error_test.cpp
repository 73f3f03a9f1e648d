#include <aio/app/unit_error.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using aio::app::error_of_unit;

BOOST_AUTO_TEST_SUITE(app_unit_error)

BOOST_AUTO_TEST_CASE(a_text_without_the_name_of_the_unit_gets_it) {
    for (const std::string text :
         {"no memory",
          "",
          "depends on service/ab",
          "depends on service/a-b, service/a.b and service/a/b",
          "no such file: /srv/service/a",
          "myservice/a is missing",
          "service/a\xc3\xa4 is missing"})
        BOOST_TEST(error_of_unit("service/a", text) == "service/a: " + text);
}

BOOST_AUTO_TEST_CASE(a_text_with_the_name_of_the_unit_stays) {
    for (const std::string text :
         {"service/a: no memory",
          "[service/a] is wrong",
          "cannot make 'service/a'",
          "there is no service/a",
          "cannot make service/a. The reason is unknown",
          "service/ab needs service/a"})
        BOOST_TEST(error_of_unit("service/a", text) == text);
}

BOOST_AUTO_TEST_SUITE_END()
