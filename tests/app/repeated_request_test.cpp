#include <aio/app/repeated_request.hpp>

#include <boost/test/unit_test.hpp>

using aio::app::repeated_request;

BOOST_AUTO_TEST_SUITE(app_repeated_request)

BOOST_AUTO_TEST_CASE(requests_before_an_answer_are_one) {
    repeated_request list;
    BOOST_TEST(list.come());
    BOOST_TEST(!list.come());
    list.begin();
    BOOST_TEST(!list.end());
    BOOST_TEST(list.come());
}

BOOST_AUTO_TEST_CASE(requests_during_an_answer_cause_one_more) {
    repeated_request list;
    BOOST_TEST(list.come());
    list.begin();
    BOOST_TEST(!list.come());
    BOOST_TEST(!list.come());
    BOOST_TEST(list.end());
    BOOST_TEST(!list.come()); // the answer that follows covers it
    list.begin();
    BOOST_TEST(!list.end());
}

BOOST_AUTO_TEST_SUITE_END()
