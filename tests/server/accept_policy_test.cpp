#include <aio/server/accept_policy.hpp>

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <chrono>

using namespace aio::server;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(accept_policy_)

// Every error that accept(2) documents, and what security modules and filters of system calls give.
BOOST_AUTO_TEST_CASE(each_error_of_accept_has_an_answer) {
    const struct {
        int number;
        accept_error about;
        accept_action action;
    } all[] = {
        {EAGAIN, accept_error::nothing_there, accept_action::wait},
        {EWOULDBLOCK, accept_error::nothing_there, accept_action::wait},
        {EINTR, accept_error::one_connection, accept_action::wait},
        {ECONNABORTED, accept_error::one_connection, accept_action::wait},
        {EPROTO, accept_error::one_connection, accept_action::wait},
        {ENETDOWN, accept_error::one_connection, accept_action::wait},
        {ENOPROTOOPT, accept_error::one_connection, accept_action::wait},
        {EHOSTDOWN, accept_error::one_connection, accept_action::wait},
        {ENONET, accept_error::one_connection, accept_action::wait},
        {EHOSTUNREACH, accept_error::one_connection, accept_action::wait},
        {EOPNOTSUPP, accept_error::one_connection, accept_action::wait},
        {ENETUNREACH, accept_error::one_connection, accept_action::wait},
        {ESOCKTNOSUPPORT, accept_error::one_connection, accept_action::wait},
        {EPROTONOSUPPORT, accept_error::one_connection, accept_action::wait},
        {ETIMEDOUT, accept_error::one_connection, accept_action::wait},
        {EMFILE, accept_error::shortage, accept_action::back_off},
        {ENFILE, accept_error::shortage, accept_action::back_off},
        {ENOBUFS, accept_error::shortage, accept_action::back_off},
        {ENOMEM, accept_error::shortage, accept_action::back_off},
        {ENOSR, accept_error::shortage, accept_action::back_off},
        {EACCES, accept_error::refused, accept_action::back_off},
        {EPERM, accept_error::refused, accept_action::back_off},
        {ENOSYS, accept_error::refused, accept_action::back_off},
        {512 /* ERESTARTSYS */, accept_error::refused, accept_action::back_off},
        {EBADF, accept_error::broken, accept_action::give_up},
        {EINVAL, accept_error::broken, accept_action::give_up},
        {EFAULT, accept_error::broken, accept_action::give_up},
        {ENOTSOCK, accept_error::broken, accept_action::give_up},
    };

    for (const auto& each : all) {
        accept_policy policy;
        BOOST_TEST((classify(each.number) == each.about), each.number);
        BOOST_TEST((policy.failed(each.number).action == each.action), each.number);
    }
}

// Whatever accept says, it is not called again and again without a pause.
BOOST_AUTO_TEST_CASE(no_error_spins) {
    for (int number = 1; number < 600; ++number) {
        if (number == EAGAIN)
            continue; // no event follows it
        accept_policy policy;
        int waits = 0;
        while (policy.failed(number).action == accept_action::wait && waits < 100)
            ++waits;
        BOOST_TEST(waits < 16, number);
    }
}

BOOST_AUTO_TEST_CASE(connections_that_fail_here_and_there_make_no_pause) {
    accept_policy policy;
    for (int i = 0; i < 100; ++i) {
        BOOST_TEST((policy.failed(ECONNABORTED).action == accept_action::wait));
        if (i % 2)
            policy.succeeded();
        else
            policy.failed(EAGAIN);
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
    BOOST_TEST(policy.failed(EMFILE).pause.count() == aio::net::failure_run::first_pause.count());
}

BOOST_AUTO_TEST_CASE(the_end_of_a_row_is_told_when_the_row_was) {
    accept_policy policy;
    policy.failed(EMFILE);
    policy.told();
    policy.failed(ECONNABORTED);
    policy.failed(EMFILE);
    BOOST_TEST(policy.succeeded() == 2u);
    BOOST_TEST(policy.succeeded() == 0u);
    policy.failed(EMFILE); // the log has not heard: the minute is not over
    BOOST_TEST(policy.succeeded() == 0u);
    policy.failed(EMFILE);
    policy.told();
    BOOST_TEST(policy.succeeded() == 1u);
}

BOOST_AUTO_TEST_CASE(the_server_hears_of_each_run_and_of_its_end_once) {
    accept_policy policy;
    policy.failed(EMFILE);
    BOOST_TEST(policy.quiet() == 0u); // there was no memory to tell the server
    policy.failed(EMFILE);
    policy.failed(EMFILE);
    BOOST_TEST(!policy.told()); // the second failure is the first that it hears of
    BOOST_TEST(policy.told());
    BOOST_TEST(policy.quiet() == 2u);
    BOOST_TEST(policy.quiet() == 0u);
    policy.failed(EMFILE);
    BOOST_TEST(!policy.told());
}

BOOST_AUTO_TEST_SUITE_END()
