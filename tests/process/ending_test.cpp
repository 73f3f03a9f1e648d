#include <aio/process/ending.hpp>

#include <boost/test/unit_test.hpp>

#include <csignal>

using namespace aio::process;

namespace {

ending killed_by(int signal) {
    ending how;
    how.signal = signal;
    return how;
}

ending exited_with(int status) {
    ending how;
    how.status = status;
    return how;
}

} // namespace

BOOST_AUTO_TEST_SUITE(ending_of_a_process)

BOOST_AUTO_TEST_CASE(report_prc_4_a_signal_that_asks_for_the_end_is_told_from_a_crash) {
    for (const int asks : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) {
        BOOST_TEST(ended_as_asked(killed_by(asks), SIGUSR1));
        BOOST_TEST(ended_as_asked(exited_with(128 + asks), SIGUSR1));
    }
    for (const int other : {SIGUSR1, SIGSEGV, SIGKILL, SIGABRT, SIGQUIT}) {
        BOOST_TEST(!ended_as_asked(killed_by(other), SIGTERM));
        BOOST_TEST(!ended_as_asked(exited_with(128 + other), SIGTERM));
    }
    for (const int status : {0, 1, 2, 15, 126, 127, 128, 255})
        BOOST_TEST(!ended_as_asked(exited_with(status), SIGTERM));
    BOOST_TEST(!ended_as_asked({}, SIGTERM));
    ending dumped = killed_by(SIGQUIT);
    BOOST_TEST(ended_as_asked(dumped, SIGQUIT));
    dumped.dumped = true;
    BOOST_TEST(!ended_as_asked(dumped, SIGQUIT));
}

BOOST_AUTO_TEST_SUITE_END()
