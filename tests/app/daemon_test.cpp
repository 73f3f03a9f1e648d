#include <aio/app/daemon.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <barrier>
#include <thread>
#include <utility>

using aio::app::starting_line;
using aio::base::descriptor;

BOOST_AUTO_TEST_SUITE(app_daemon)

BOOST_AUTO_TEST_CASE(two_threads_that_tell_at_once_say_one_status_and_close_one_descriptor) {
    constexpr int rounds = 500;
    int fds[2] = {};
    starting_line line;
    std::barrier both(2);
    const auto tell = [&](int status) {
        for (int i = 0; i < rounds; ++i) {
            both.arrive_and_wait(); // the line is there
            line.tell(status);
            both.arrive_and_wait(); // and is told
        }
    };
    int said_once = 0;
    std::thread other(tell, 2);
    for (int i = 0; i < rounds; ++i) {
        BOOST_REQUIRE(::pipe2(fds, O_CLOEXEC) == 0);
        const descriptor in(fds[0]);
        line = starting_line(descriptor(fds[1]));
        both.arrive_and_wait();
        line.tell(1);
        both.arrive_and_wait();
        int status[2] = {};
        said_once += ::read(in.get(), status, sizeof status) == sizeof status[0];
        BOOST_REQUIRE(::fcntl(fds[1], F_GETFD) < 0);
    }
    other.join();
    BOOST_TEST(said_once == rounds);
}

BOOST_AUTO_TEST_CASE(a_line_that_was_moved_is_told_by_its_new_owner_only) {
    int fds[2] = {};
    BOOST_REQUIRE(::pipe2(fds, O_CLOEXEC) == 0);
    const descriptor in(fds[0]);
    starting_line first{descriptor(fds[1])};
    starting_line second(std::move(first));
    first.tell(1); // NOLINT(bugprone-use-after-move): that is what is tested
    second.tell(2);
    second.tell(3);
    int status = 0;
    BOOST_TEST(::read(in.get(), &status, sizeof status) == ssize_t(sizeof status));
    BOOST_TEST(status == 2);
    BOOST_TEST(::read(in.get(), &status, sizeof status) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
