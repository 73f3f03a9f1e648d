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

namespace {

aio::service::descriptor_use
use_of(std::size_t in_use, std::size_t to_start, std::size_t started = 0) {
    aio::service::descriptor_use use;
    use.in_use = in_use;
    use.to_start = to_start;
    use.started = started;
    return use;
}

} // namespace

BOOST_AUTO_TEST_CASE(what_units_need_to_start_again_is_not_for_connections) {
    const auto reserved = [](std::size_t limit, std::size_t in_use, std::size_t to_start) {
        return aio::server::reserved_descriptors(limit, use_of(in_use, to_start));
    };
    BOOST_TEST(reserved(40, 0, 0) == 10u);
    BOOST_TEST(reserved(100'000, 50, 0) == 64u);
    BOOST_TEST(reserved(40, 15, 3) == 13u);
    BOOST_TEST(reserved(1024, 20, 90) == 154u);
    BOOST_TEST(reserved(64, 20, 18) == 32u); // half of the limit at most
    BOOST_TEST(reserved(64, 30, 18) == 26u); // the addition leaves connections an eighth
    BOOST_TEST(reserved(64, 45, 18) == 16u); // the quarter does not shrink: they have three
    BOOST_TEST(reserved(64, 45, 0) == 16u);
    BOOST_TEST(reserved(64, 60, 18) == 16u);
    BOOST_TEST(reserved(64, 1000, 1000) == 16u);
    BOOST_TEST(reserved(0, 20, 18) == 0u);
}

// How many connections a server has room for when nothing else takes descriptors.
BOOST_AUTO_TEST_CASE(what_running_units_hold_does_not_count_twice) {
    const struct {
        std::size_t limit, in_use, to_start, started;
        std::size_t reserved, connections;
    } all[] = {
        {128, 12, 60, 60, 32, 24}, // 20 processes run
        {128, 12, 60, 30, 62, 24}, // half of them have ended: their part stays free
        {128, 12, 60, 0, 64, 52},  // half of the limit at most
        {256, 12, 120, 120, 64, 60},
        {1024, 14, 540, 540, 64, 406},
        {1024, 14, 450, 450, 64, 496},
        {1024, 14, 90, 87, 67, 856},
        {1024, 14, 90, 0, 154, 856},
        {32, 12, 6, 6, 8, 6},
        {64, 20, 0, 0, 16, 28},
        {64, 20, 3, 9, 16, 19}, // more than was planned
        {24, 12, 6, 6, 6, 0},
        {24, 40, 6, 6, 6, 0},
    };

    for (const auto& each : all) {
        BOOST_TEST_CONTEXT(each.limit << ", " << each.to_start << ", " << each.started) {
            const auto use = use_of(each.in_use, each.to_start, each.started);
            BOOST_TEST(reserved_descriptors(each.limit, use) == each.reserved);
            // The units hold lower numbers than the connections, or higher ones.
            for (const std::size_t below : {each.in_use + each.started, each.in_use}) {
                std::size_t connections = 0;
                while (!takes_reserved(below + connections, connections + 1, each.limit, use))
                    ++connections;
                BOOST_TEST(connections == each.connections);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_high_number_tells_that_descriptors_are_open_for_other_reasons) {
    const auto use = use_of(20, 0);
    BOOST_TEST(!takes_reserved(47, 1, 64, use));
    BOOST_TEST(takes_reserved(48, 1, 64, use));
    BOOST_TEST(takes_reserved(0, 1000, 64, use));
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

BOOST_AUTO_TEST_CASE(a_connection_on_a_reserved_descriptor_makes_a_pause_and_counts_as_a_failure) {
    accept_policy policy;
    BOOST_TEST(!policy.spares_reserved(2));
    policy.failed(EMFILE);
    BOOST_TEST(!policy.spares_reserved(2));
    BOOST_TEST((policy.took_reserved().action == accept_action::back_off));
    policy.told();
    BOOST_TEST(policy.spares_reserved(2));
    BOOST_TEST(!policy.spares_reserved(1)); // a server without a connection takes one
    BOOST_TEST(policy.succeeded() == 2u);
    BOOST_TEST(!policy.spares_reserved(2));
}

BOOST_AUTO_TEST_SUITE_END()
