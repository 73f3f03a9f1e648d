#include "../net/scripted_receive.hpp"
#include "../net/scripted_send.hpp"
#include "../support/few_descriptors.hpp"
#include "scripted_accept.hpp"
#include "timed.hpp"

#include <aio/base/descriptor.hpp>
#include <aio/net/failure_run.hpp>
#include <aio/server/accept_policy.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string>
#include <vector>

using aio::task;
using aio::net::stream;

namespace {

struct troubled : support::server_fixture {
    troubled() { module.protocol("echo", support::echo); }
};

/// Time passes by pass() alone: what happens without it happens at once.
struct troubled_by_hand : support::timed {
    troubled_by_hand() {
        module.protocol("echo", support::echo);
        module.protocol<support::datagram_echo>("datagram_echo");
        module.protocol("stops", [this](stream) -> task<void> {
            server->begin_stop();
            co_return;
        });
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(trouble, troubled)

BOOST_FIXTURE_TEST_CASE(out_of_descriptors_it_waits_and_comes_back, troubled_by_hand) {
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    std::vector<support::peer> held;
    for (int i = 0; i < 4; ++i)
        held.push_back(connect());
    until([this] { return open() == 4; });
    std::atomic<int> accepts{0};
    const test::scripted_accept script([&](int) {
        ++accepts;
        return 0;
    });
    support::peer late = connect();
    late.send("late");
    {
        // The next number would be one too many.
        const int next = ::dup(0);
        ::close(next);
        const test::few_descriptors limit(static_cast<rlim_t>(next));
        until([&] {
            return logged_with("WARNING(aio): Server(test) cannot accept: Too many open") == 1;
        });
        const int before = accepts;
        settle();
        BOOST_TEST(accepts == before); // it does not spin
        for (int i = 0; i < 30; ++i)
            pass(std::chrono::milliseconds(10));
        BOOST_TEST(accepts > before); // it tries again
        BOOST_TEST(accepts < before + 20);
    }
    pass(aio::net::failure_run::longest_pause);
    against([&] {
        BOOST_TEST(late.receive() == "late");
        support::peer next = connect();
        next.send("next");
        BOOST_TEST(next.receive() == "next");
    });
    BOOST_TEST(logged_with("cannot accept") == 1u);
    BOOST_TEST(logged_with("INFO(aio): Server(test) accepts again, after ") == 1u);
}

// A child process that cannot be started for lack of them would count as crashed.
BOOST_FIXTURE_TEST_CASE(connections_leave_descriptors_for_other_work, troubled_by_hand) {
    const int next = ::dup(0);
    ::close(next);
    const test::few_descriptors limit(static_cast<rlim_t>(next + 60));
    const std::size_t reserved =
        aio::net::reserved_descriptors(static_cast<std::size_t>(next + 60));
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    std::vector<support::peer> held;
    while (logged_with("cannot accept: Too many open") == 0) {
        held.push_back(connect());
        settle();
    }
    for (int i = 0; i < 30; ++i)
        pass(aio::net::failure_run::longest_pause); // it tries again, and takes nobody
    std::vector<aio::base::descriptor> left;
    while (true) {
        aio::base::descriptor one(::dup(0));
        if (one.get() < 0)
            break;
        left.push_back(std::move(one));
    }
    BOOST_TEST(left.size() + 1 >= reserved); // the last client's end is in this process, too
    BOOST_TEST(logged_with(fmt::format("; {} stay free for other work", reserved)) == 1u);
    left.clear();
    support::peer late = connect();
    late.send("late");
    held.erase(held.begin() + 1, held.end());
    against([&] { BOOST_TEST(late.receive() == "late"); });
    BOOST_TEST(logged_with("cannot accept") == 1u);
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

BOOST_FIXTURE_TEST_CASE(
    a_server_that_stays_full_says_so_when_the_minute_is_over, troubled_by_hand
) {
    using namespace std::chrono_literals;
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\nmax_connections = 2\n");
    std::vector<support::peer> held;
    const auto fill = [&](std::size_t full) {
        while (held.size() < 3)
            held.push_back(connect());
        until([&] { return open() == 2; });
        settle();
        BOOST_TEST(logged_with("is full") == full);
    };
    fill(1);
    held.erase(held.begin(), held.begin() + 2);
    until([&] { return logged_with("has room again") == 1; });
    fill(1); // within the minute
    pass(59s);
    BOOST_TEST(logged_with("is full") == 1u);
    pass(2s);
    settle();
    BOOST_TEST(logged_with("is full") == 2u);
    held.erase(held.begin(), held.begin() + 2);
    until([&] { return logged_with("has room again: ") == 2; });
    BOOST_TEST(logged_with("it was full for 61.0 s") == 1u);
    fill(2);
}

// No success has shown yet that the server accepts again.
BOOST_FIXTURE_TEST_CASE(a_client_that_gave_up_does_not_end_the_trouble, troubled_by_hand) {
    enum class does { fails, drops_the_client, accepts };
    std::atomic<does> accept{does::fails};
    const test::scripted_accept script([&](int fd) {
        if (accept == does::accepts)
            return 0;
        if (accept == does::fails)
            return EMFILE;
        ::close(static_cast<int>(::syscall(SYS_accept4, fd, nullptr, nullptr, 0)));
        return EAGAIN;
    });
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    support::peer one = connect();
    until([&] { return logged_with("cannot accept") == 1; });
    accept = does::drops_the_client;
    for (int i = 0; i < 3; ++i)
        pass(aio::net::failure_run::longest_pause);
    BOOST_TEST(logged_with("accepts again") == 0u);
    accept = does::accepts;
    support::peer two = connect();
    two.send("x");
    against([&] { BOOST_TEST(two.receive() == "x"); });
    BOOST_TEST(logged_with("accepts again, after 1 failures") == 1u);
    BOOST_TEST(logged_with("cannot accept") == 1u);
}

// A lane takes the last place, and another one finds none and waits. Then the accept of the first
// fails: its place is free again.
BOOST_AUTO_TEST_CASE(a_lane_that_waits_is_woken_when_the_accept_of_another_one_fails) {
    add_loops(1);
    std::atomic<int> failing{-1};
    const test::scripted_accept script([&](int fd) {
        int none = -1;
        if (failing.compare_exchange_strong(none, fd))
            for (int i = 0; i < 30'000 && logged_with("is full") == 0; ++i)
                ::usleep(1000);
        return fd == failing ? ENFILE : 0;
    });
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\nloops = all\nmax_connections = 1\n"
    );
    std::vector<support::peer> all;
    for (int i = 0; i < 32; ++i) {
        all.push_back(connect());
        all.back().send("x");
    }
    const auto answered = [](support::peer& each) {
        return each.readable(std::chrono::milliseconds(0));
    };
    until([&] { return std::ranges::any_of(all, answered); });
    BOOST_TEST(logged_with("is full") == 1u);
    BOOST_TEST(failing != -1);
}

BOOST_AUTO_TEST_CASE(whatever_accept_fails_with_it_neither_spins_nor_keeps_silent) {
    const struct {
        int number;
        const char* cause;
    } all[] = {
        {EMFILE, "Too many open files (this process may have "},
        {ENFILE, "Too many open files in system"},
        {ENOBUFS, "No buffer space available"},
        {ENOMEM, "Cannot allocate memory"},
        {EACCES, "Permission denied (a firewall, a security module or a filter of system calls)"},
        {EPERM, "Operation not permitted (a firewall, "},
        {ENOSYS, "Function not implemented (a firewall, "},
        {ENETDOWN, "Network is down"},
        {ECONNABORTED, "Software caused connection abort"},
    };

    for (const auto& each : all) {
        troubled_by_hand one;
        one.start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
        std::atomic<int> calls{0};
        support::peer late = one.connect();
        late.send("late");
        {
            const test::scripted_accept script([&](int) {
                ++calls;
                return each.number;
            });
            one.until([&] { return calls > 0 && one.logged_with("cannot accept") == 1; });
            const int before = calls;
            one.settle();
            BOOST_TEST(calls == before, each.cause);
            for (int i = 0; i < 15; ++i)
                one.pass(std::chrono::milliseconds(10));
            BOOST_TEST(calls > before, each.cause);
            BOOST_TEST(calls < before + 16, each.cause);
        }
        one.pass(aio::net::failure_run::longest_pause);
        one.against([&] { BOOST_TEST(late.receive() == "late"); });
        const std::string sentence = std::string("Server(test) cannot accept: ") + each.cause;
        BOOST_TEST(one.logged_with(sentence) == 1u, sentence);
        BOOST_TEST(one.logged_with("Server(test) accepts again, after ") == 1u);
        BOOST_TEST(one.crashes == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_socket_that_cannot_accept_any_more_crashes_its_server) {
    const test::scripted_accept script([](int) { return EINVAL; });
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    support::peer one = connect();
    until([&] { return crashes == 1; });
    settle();
    BOOST_TEST(crashes == 1);
}

// Bound sockets that do not listen yet may share a port; the first one that listens has it.
BOOST_AUTO_TEST_CASE(a_port_that_somebody_else_listens_on_meanwhile_fails_the_start) {
    plan("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    server->prepare();
    const std::string at = endpoint();
    const auto address = *aio::net::address::parse_with_port(at);
    const aio::net::socket other{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    aio::net::set_option(other, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
    BOOST_REQUIRE(::bind(other.get(), address.raw(), address.size()) == 0);
    BOOST_REQUIRE(::listen(other.get(), 1) == 0);
    BOOST_CHECK_EXCEPTION(
        run(server->start()),
        std::runtime_error,
        [&](const std::exception& error) {
            return error.what() ==
                   "Server(test) failed to start: " + at + ": Address already in use";
        }
    );
    stop();
}

// The sockets are bound, and then there is no descriptor left for what a loop needs to watch them.
BOOST_AUTO_TEST_CASE(a_start_that_fails_for_a_lack_of_descriptors_can_be_stopped) {
    for (const int spare : {3, 4, 5}) { // three for the sockets, one for each loop
        troubled one;
        one.add_loops(2);
        one.plan("protocol = test.echo\naddress = 127.0.0.1\nport = 0\nloops = all\n");
        one.server->prepare();
        const std::string at = one.endpoint();
        const int next = ::dup(0);
        ::close(next);
        {
            const test::few_descriptors limit(static_cast<rlim_t>(next + spare));
            BOOST_CHECK_EXCEPTION(
                one.run(one.server->start()),
                std::runtime_error,
                [](const std::exception& error) {
                    return std::string(error.what()).find("Too many open files") !=
                           std::string::npos;
                }
            );
        }
        one.stop(); // ends
        BOOST_CHECK_THROW(support::peer::connect(at), std::system_error);
        one.run(one.server->start());
        one.stopped = false;
    }
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

BOOST_FIXTURE_TEST_CASE(a_datagram_socket_that_cannot_receive_says_so_once, troubled_by_hand) {
    start("protocol = test.datagram_echo\ntransport = udp\naddress = 127.0.0.1\nport = 0\n");
    support::peer far = support::peer::connect(endpoint(), SOCK_DGRAM);
    std::atomic<int> calls{0};
    {
        const test::scripted_receive script([&](int) {
            ++calls;
            return EPERM;
        });
        far.send("first");
        until([&] { return logged_with("cannot receive") == 1; });
        const int before = calls;
        settle();
        BOOST_TEST(calls == before);
        for (int i = 0; i < 15; ++i)
            pass(std::chrono::milliseconds(100));
        BOOST_TEST(calls > before);
        BOOST_TEST(calls < before + 12);
    }
    pass(aio::net::failure_run::longest_pause);
    against([&] { BOOST_TEST(far.receive() == "first"); });
    BOOST_TEST(
        logged("WARNING(aio): Server(test) cannot receive: Operation not permitted (a firewall, a "
               "security module or a filter of system calls)")
    );
    BOOST_TEST(logged_with("cannot receive") == 1u);
    BOOST_TEST(logged_with("INFO(aio): Server(test) receives again, after ") == 1u);
}

// The answers for a peer that does not read fill the send buffer, which all peers share.
BOOST_FIXTURE_TEST_CASE(datagrams_that_are_dropped_are_counted_and_told, troubled_by_hand) {
    const aio::testing::temporary_folder folder;
    start(
        "protocol = test.datagram_echo\ntransport = unix-datagram\npath = " + (folder / "s") + "\n"
    );
    aio::net::socket silent{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    const auto own = *aio::net::address::unix_socket(folder / "silent");
    BOOST_REQUIRE(::bind(silent.get(), own.raw(), own.size()) == 0);
    const auto target = *aio::net::address::unix_socket(endpoint());
    BOOST_REQUIRE(::connect(silent.get(), target.raw(), target.size()) == 0);
    const std::string text(4000, 'x');
    const auto send = [&](int count) {
        for (int i = 0; i < count; ++i) {
            ::send(silent.get(), text.data(), text.size(), 0);
            settle();
        }
    };
    const std::string line = "WARNING(aio): Server(test) has dropped ";
    const std::string rest = ", the last for " + (folder / "silent") +
                             ": no room to send, a peer that does not read takes it";
    for (int i = 0; i < 2000 && logged_with("has dropped") == 0; ++i)
        send(1);
    BOOST_TEST(logged(line + "1 datagram" + rest));
    send(3);
    BOOST_TEST(logged_with("has dropped") == 1u);
    pass(std::chrono::minutes(1));
    BOOST_TEST(logged(line + "3 datagrams" + rest));
    pass(std::chrono::minutes(5));
    BOOST_TEST(logged_with("has dropped") == 2u);
    send(1);
    BOOST_TEST(logged_with("has dropped") == 3u);
    send(2);
    stop();
    settle();
    BOOST_TEST(logged(line + "2 datagrams" + rest)); // the end of the socket
}

// A full queue of an interface: no peer can be blamed for it.
BOOST_FIXTURE_TEST_CASE(udp_datagrams_that_are_dropped_are_told_once_a_minute, troubled_by_hand) {
    const std::string line = "WARNING(aio): Server(test) has dropped ";
    for (const std::string place : {"address = 127.0.0.1\n", ""}) {
        for (const int error : {EAGAIN, ENOBUFS}) {
            stopped = false;
            start("protocol = test.datagram_echo\ntransport = udp\nport = 0\n" + place);
            const std::size_t before = logged_with("has dropped");
            support::peer far = support::peer::connect(endpoint(), SOCK_DGRAM);
            const std::string rest =
                ", the last for " + aio::net::local_address(far.fd()).text() + ": no room to send";
            const auto drop = [&](int count) {
                const test::scripted_send script([&](int) { return error; });
                for (int i = 0; i < count; ++i) {
                    far.send("lost");
                    settle();
                }
            };
            BOOST_TEST_CONTEXT(place << error) {
                drop(3);
                BOOST_TEST(logged(line + "1 datagram" + rest));
                BOOST_TEST(logged_with("has dropped") == before + 1);
                pass(std::chrono::minutes(1));
                BOOST_TEST(logged(line + "2 datagrams" + rest));
                far.send("kept");
                against([&] { BOOST_TEST(far.receive() == "kept"); });
                pass(std::chrono::minutes(5));
                BOOST_TEST(logged_with("has dropped") == before + 2);
                BOOST_TEST(logged_with("does not read") == 0u);
            }
            stop();
            settle();
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_handler_may_stop_its_server_as_it_begins, troubled_by_hand) {
    for (const bool short_of_descriptors : {false, true}) {
        stopped = false;
        const int next = ::dup(0);
        ::close(next);
        {
            const test::few_descriptors limit(
                static_cast<rlim_t>(short_of_descriptors ? next + 9 : next + 200)
            );
            start("protocol = test.stops\naddress = 127.0.0.1\nport = 0\n");
            support::peer far = connect();
            until([&] { return far.readable(std::chrono::milliseconds(0)); });
            BOOST_TEST(far.receive() == "");
        }
        stop();
    }
}

BOOST_AUTO_TEST_SUITE_END()
