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

BOOST_AUTO_TEST_CASE(pauses_double_up_to_a_second_and_only_the_first_is_told) {
    accept_policy policy;
    aio::base::duration expected = 10ms;
    for (int i = 0; i < 10; ++i) {
        const accept_decision what = policy.failed(EMFILE);
        BOOST_TEST(what.pause.count() == expected.count());
        BOOST_TEST(what.tell == (i == 0));
        expected = std::min<aio::base::duration>(expected * 2, 1s);
    }
}

BOOST_AUTO_TEST_CASE(recovery_is_told_once_and_starts_over) {
    accept_policy policy;
    policy.failed(EMFILE);
    policy.failed(ECONNABORTED);
    policy.failed(EMFILE);
    BOOST_TEST(policy.succeeded() == 2u);
    BOOST_TEST(policy.succeeded() == 0u);
    const accept_decision again = policy.failed(EMFILE);
    BOOST_TEST(again.tell);
    BOOST_TEST(again.pause.count() == accept_policy::first_pause.count());
}

BOOST_AUTO_TEST_SUITE_END()
