#include "../support/few_descriptors.hpp"
#include "fake_app.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

using aio::task;
using aio::net::stream;

namespace {

struct troubled : support::server_fixture {
    troubled() { module.protocol("echo", support::echo); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(trouble, troubled)

BOOST_AUTO_TEST_CASE(out_of_descriptors_it_waits_and_comes_back) {
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    std::vector<support::peer> held;
    for (int i = 0; i < 4; ++i)
        held.push_back(connect());
    support::peer late = connect();
    late.send("late");
    {
        // The next number would be one too many.
        const int next = ::dup(0);
        ::close(next);
        const test::few_descriptors limit(static_cast<rlim_t>(next));
        const ::rusage none{};
        ::rusage before = none, after = none;
        until([&] {
            return logged_with("WARNING(aio): Server(test) cannot accept: Too many open") == 1;
        });
        ::getrusage(RUSAGE_SELF, &before);
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
        std::size_t handlers = 0;
        while (std::chrono::steady_clock::now() < end) {
            handlers += loop.poll();
            ::usleep(500);
        }
        ::getrusage(RUSAGE_SELF, &after);
        BOOST_TEST(handlers < 200u); // it does not spin
    }
    against([&] {
        BOOST_TEST(late.receive() == "late");
        support::peer next = connect();
        next.send("next");
        BOOST_TEST(next.receive() == "next");
    });
    BOOST_TEST(logged_with("cannot accept") == 1u);
    BOOST_TEST(logged_with("INFO(aio): Server(test) accepts again, after ") == 1u);
}

BOOST_AUTO_TEST_CASE(out_of_descriptors_over_and_over_is_said_once_a_minute) {
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    std::vector<support::peer> held;
    for (int i = 0; i < 5; ++i) {
        held.push_back(connect());
        const int next = ::dup(0);
        ::close(next);
        {
            const test::few_descriptors limit(static_cast<rlim_t>(next));
            settle();
        }
        against([&] {
            held.back().send("x");
            BOOST_TEST(held.back().receive() == "x");
        });
    }
    BOOST_TEST(logged_with("cannot accept") == 1u);
    BOOST_TEST(logged_with("accepts again, after ") == 1u);
}

BOOST_AUTO_TEST_CASE(peers_that_reset_or_go_half_are_survived) {
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    for (int i = 0; i < 50; ++i) {
        support::peer resets = connect();
        if (i % 2)
            settle();
        resets.reset();
        support::peer halves = connect();
        halves.end();
        if (i % 2)
            settle();
    }
    against([&] {
        support::peer good = connect();
        good.send("fine");
        BOOST_TEST(good.receive() == "fine");
    });
    BOOST_TEST(logged_with("ERROR") == 0u);
}

BOOST_AUTO_TEST_CASE(nothing_leaks_over_many_connections) {
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    const auto open = [] {
        const int next = ::dup(0);
        ::close(next);
        return next;
    };
    against([&] { connect().send("warm"); });
    settle();
    const int before = open();
    for (int i = 0; i < 200; ++i)
        against([&] {
            support::peer p = connect();
            p.send("x");
            p.receive();
        });
    settle();
    BOOST_TEST(open() == before);
}

BOOST_AUTO_TEST_SUITE_END()
