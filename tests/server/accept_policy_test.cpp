#include <aio/server/accept_policy.hpp>

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <chrono>

using namespace aio::server;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(accept_policy_)

BOOST_AUTO_TEST_CASE(what_each_error_means) {
    const struct {
        int number;
        accept_action action;
    } all[] = {
        {EAGAIN, accept_action::wait},
        {EINTR, accept_action::wait},
        {ECONNABORTED, accept_action::wait},
        {EPROTO, accept_action::wait},
        {EPERM, accept_action::wait},
        {ENETDOWN, accept_action::wait},
        {EMFILE, accept_action::back_off},
        {ENFILE, accept_action::back_off},
        {ENOBUFS, accept_action::back_off},
        {ENOMEM, accept_action::back_off},
        {EBADF, accept_action::give_up},
        {EINVAL, accept_action::give_up},
        {ENOTSOCK, accept_action::give_up},
    };

    for (const auto& one : all) {
        accept_policy policy;
        BOOST_TEST((policy.failed(one.number).action == one.action), one.number);
    }
}

BOOST_AUTO_TEST_CASE(pauses_double_up_to_a_second_and_start_over) {
    accept_policy policy;
    aio::base::duration expected = 10ms;
    for (int i = 0; i < 10; ++i) {
        BOOST_TEST(policy.failed(EMFILE).pause.count() == expected.count());
        expected = std::min<aio::base::duration>(expected * 2, 1s);
    }
    policy.succeeded();
    BOOST_TEST(policy.failed(EMFILE).pause.count() == accept_policy::first_pause.count());
}

BOOST_AUTO_TEST_CASE(the_end_of_a_row_is_told_when_the_row_was) {
    accept_policy policy;
    policy.failed(EMFILE);
    policy.told();
    policy.failed(ECONNABORTED);
    policy.failed(EMFILE);
    BOOST_TEST(policy.succeeded() == 2u);
    BOOST_TEST(policy.succeeded() == 0u);
    policy.failed(EMFILE); // said nothing of: the minute is not over
    BOOST_TEST(policy.succeeded() == 0u);
    policy.failed(EMFILE);
    policy.told();
    BOOST_TEST(policy.succeeded() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
