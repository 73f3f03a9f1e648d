#include "fixture.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

using namespace aio::net;

namespace {

struct watched final : watch {
    explicit watched(std::function<void(std::uint32_t)> f) : call(std::move(f)) {}

    ~watched() = default;

    void ready(std::uint32_t events) override { call(events); }

    void abandoned() noexcept override {
        if (dropped)
            dropped();
    }

    std::function<void(std::uint32_t)> call;
    std::function<void()> dropped;
};

aio::net::socket signalled() {
    return aio::net::socket{::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(poller_, support::loop_under_test)

BOOST_AUTO_TEST_CASE(an_event_arrives_once_per_edge) {
    poller& on = poller::of(loop);
    const aio::net::socket one = signalled();
    int seen = 0;
    watched w([&](std::uint32_t events) { seen += (events & EPOLLIN) != 0; });
    on.add(one.get(), w, EPOLLIN | EPOLLET);
    until([&] { return seen == 1; });
    settle();
    BOOST_TEST(seen == 1);
    BOOST_TEST(on.watched() == 1u);
    on.remove(one.get());
    BOOST_TEST(on.watched() == 0u);
}

// Timers and what other threads post come between, however busy the connections are.
BOOST_AUTO_TEST_CASE(a_watch_that_is_always_busy_lets_the_loop_turn) {
    poller& on = poller::of(loop);
    int calls = 0;
    bool over = false;
    watched* self = nullptr;
    watched busy([&](std::uint32_t) {
        ++calls;
        if (!over)
            on.defer(*self);
    });
    self = &busy;
    on.defer(busy);
    auto& context = static_cast<boost::asio::io_context&>(loop.context());
    std::vector<int> turns;
    std::function<void()> next = [&] {
        turns.push_back(std::exchange(calls, 0));
        over = turns.size() == 10;
        if (over)
            loop.stop();
        else
            boost::asio::post(context, [&] { next(); });
    };
    boost::asio::post(context, [&] { next(); });
    loop.run();
    settle();
    for (const int each : turns)
        BOOST_TEST(each <= 64);
}

BOOST_AUTO_TEST_CASE(the_poller_is_one_per_loop) {
    aio::async::loop other;
    BOOST_TEST(&poller::of(loop) == &poller::of(loop));
    BOOST_TEST(&poller::of(loop) != &poller::of(other));
}

BOOST_AUTO_TEST_CASE(an_event_of_a_descriptor_closed_in_the_same_batch_is_ignored) {
    poller& on = poller::of(loop);
    std::vector<aio::net::socket> all;
    std::vector<std::unique_ptr<watched>> watches;
    int calls = 0;
    for (int i = 0; i < 8; ++i)
        all.push_back(signalled());
    // Whoever comes first closes all the others and destroys what watched them.
    for (int i = 0; i < 8; ++i)
        watches.push_back(std::make_unique<watched>([&, i](std::uint32_t) {
            ++calls;
            for (int k = 0; k < 8; ++k) {
                on.remove(all[k].get());
                if (k != i) {
                    all[k].reset();
                    watches[k].reset();
                }
            }
        }));
    for (int i = 0; i < 8; ++i)
        on.add(all[i].get(), *watches[i], EPOLLIN | EPOLLET);
    until([&] { return calls > 0; });
    settle();
    BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(a_number_used_again_gets_only_its_own_events) {
    poller& on = poller::of(loop);
    aio::net::socket first = signalled();
    const aio::net::socket trigger = signalled();
    int old_calls = 0, new_calls = 0;
    watched old_one([&](std::uint32_t) { ++old_calls; });
    watched new_one([&](std::uint32_t) { ++new_calls; });
    aio::net::socket second, duplicate;
    watched swap([&](std::uint32_t) {
        if (second)
            return;
        const int number = first.get();
        // A duplicate keeps the old registration of the kernel alive, as a child process would.
        duplicate.reset(::dup(number));
        on.close(first.release());
        second.reset(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
        BOOST_REQUIRE(second.get() == number);
        on.add(number, new_one, EPOLLIN | EPOLLET);
    });
    on.add(trigger.get(), swap, EPOLLIN | EPOLLET);
    on.add(first.get(), old_one, EPOLLIN | EPOLLET);
    until([&] { return bool(second); });
    settle();
    // Whether the old one was seen depends on the kernel's order; the new one is not ready.
    BOOST_TEST(new_calls == 0);
    BOOST_TEST(old_calls <= 1);
    ::eventfd_write(second.get(), 1);
    until([&] { return new_calls == 1; });
    on.remove(second.get());
    on.remove(trigger.get());
}

namespace {

/// Another descriptor is watched, so that the set itself is watched. Returns how many batches the
/// poller asks for within 50 ms, while nothing happens.
std::uint32_t batches_while_idle(support::loop_under_test& test) {
    poller& on = poller::of(test.loop);
    const aio::net::socket silent{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    watched none([](std::uint32_t) {});
    on.add(silent.get(), none, EPOLLIN);
    const std::uint32_t before = on.turn();
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
    while (std::chrono::steady_clock::now() < end)
        test.loop.poll_one(); // poll() would not return while the set is ready
    on.remove(silent.get());
    return on.turn() - before;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_descriptor_that_stays_open_and_readable_costs_nothing_after_its_watch) {
    poller& on = poller::of(loop);
    for (const std::uint32_t events : {std::uint32_t{EPOLLIN}, std::uint32_t{EPOLLIN | EPOLLET}}) {
        const aio::net::socket one = signalled();
        int calls = 0;
        watched w([&](std::uint32_t) {
            ++calls;
            on.remove(one.get());
        });
        on.add(one.get(), w, events);
        until([&] { return calls > 0; });
        BOOST_TEST(batches_while_idle(*this) < 5u);
        BOOST_TEST(calls == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_copy_of_a_closed_descriptor_costs_nothing) {
    poller& on = poller::of(loop);
    for (const std::uint32_t events : {std::uint32_t{EPOLLIN}, std::uint32_t{EPOLLIN | EPOLLET}}) {
        aio::net::socket one = signalled();
        const aio::net::socket copy{::dup(one.get())};
        int calls = 0;
        watched w([&](std::uint32_t) {
            ++calls;
            on.close(one.release());
        });
        on.add(one.get(), w, events);
        until([&] { return calls > 0; });
        BOOST_TEST(batches_while_idle(*this) < 5u);
        BOOST_TEST(calls == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_watch_that_is_handed_over_tells_the_other_one) {
    poller& on = poller::of(loop);
    const aio::net::socket one = signalled();
    int old_calls = 0, new_calls = 0;
    watched old_one([&](std::uint32_t) { ++old_calls; });
    watched new_one([&](std::uint32_t) { ++new_calls; });
    on.add(one.get(), old_one, EPOLLIN | EPOLLET);
    until([&] { return old_calls == 1; });
    on.hand_over(one.get(), new_one);
    BOOST_TEST(on.watched() == 1u);
    settle();
    BOOST_TEST(new_calls == 0); // an edge is told once
    ::eventfd_write(one.get(), 1);
    until([&] { return new_calls == 1; });
    BOOST_TEST(old_calls == 1);
    on.remove(one.get());
    BOOST_TEST(on.watched() == 0u);
}

BOOST_AUTO_TEST_CASE(an_event_of_the_batch_in_which_its_watch_is_handed_over_is_not_lost) {
    poller& on = poller::of(loop);
    const aio::net::socket first = signalled(), second = signalled();
    int calls = 0;
    watched receiver([&](std::uint32_t) { ++calls; });
    // Whoever comes first hands the other one over.
    watched a([&](std::uint32_t) { on.hand_over(second.get(), receiver); });
    watched b([&](std::uint32_t) { on.hand_over(first.get(), receiver); });
    on.add(first.get(), a, EPOLLIN | EPOLLET);
    on.add(second.get(), b, EPOLLIN | EPOLLET);
    until([&] { return calls > 0; });
    settle();
    BOOST_TEST(calls == 1);
    on.remove(first.get());
    on.remove(second.get());
}

BOOST_AUTO_TEST_CASE(a_descriptor_is_closed_with_or_without_a_watch) {
    poller& on = poller::of(loop);
    for (const bool is_watched : {false, true}) {
        aio::net::socket one = signalled();
        const int number = one.get();
        watched w([](std::uint32_t) {});
        if (is_watched)
            on.add(number, w, EPOLLIN);
        on.close(one.release());
        BOOST_TEST(::fcntl(number, F_GETFD) == -1);
        BOOST_TEST(on.watched() == 0u);
    }
}

BOOST_AUTO_TEST_CASE(an_exception_loses_no_event_of_its_batch) {
    constexpr int many = 300; // more than a batch
    poller& on = poller::of(loop);
    std::vector<aio::net::socket> all;
    std::vector<std::unique_ptr<watched>> watches;
    int calls = 0, failures = 0;
    for (int i = 0; i < many; ++i) {
        all.push_back(signalled());
        watches.push_back(std::make_unique<watched>([&](std::uint32_t) {
            if (++calls % 3 != 0)
                throw std::runtime_error("a watch failed");
        }));
        on.add(all.back().get(), *watches.back(), EPOLLIN | EPOLLET);
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (calls < many && std::chrono::steady_clock::now() < end) {
        try {
            loop.poll();
        } catch (const std::runtime_error&) {
            ++failures;
        }
    }
    BOOST_TEST(calls == many);
    BOOST_TEST(failures == many * 2 / 3);
    for (const auto& each : all)
        on.remove(each.get());
}

BOOST_AUTO_TEST_CASE(an_exception_loses_no_deferred_turn) {
    poller& on = poller::of(loop);
    std::string order;
    watched a([&](std::uint32_t) {
        order += 'a';
        throw std::runtime_error("a watch failed");
    });
    watched b([&](std::uint32_t) { order += 'b'; });
    watched c([&](std::uint32_t) {
        if (order.size() < 5)
            on.defer(b); // it has had its turn
        order += 'c';
    });
    for (watch* each : std::initializer_list<watch*>{&a, &b, &c})
        on.defer(*each);
    BOOST_CHECK_THROW(loop.poll(), std::runtime_error);
    until([&] { return order.size() >= 4; });
    on.defer(a); // it is not taken for deferred still
    BOOST_CHECK_THROW(until([&] { return order.size() >= 5; }), std::runtime_error);
    settle();
    BOOST_TEST(order == "abcba");
}

BOOST_AUTO_TEST_CASE(deferred_turns_come_after_the_others) {
    poller& on = poller::of(loop);
    const aio::net::socket one = signalled();
    std::string order;
    watched greedy([&](std::uint32_t) { order += 'g'; });
    watched other([&](std::uint32_t) { order += 'o'; });
    on.defer(greedy);
    on.defer(greedy);
    on.add(one.get(), other, EPOLLIN | EPOLLET);
    until([&] { return order.size() >= 2; });
    settle();
    BOOST_TEST(order == "og");
    on.remove(one.get());
}

BOOST_AUTO_TEST_CASE(once_the_loop_is_closed_nothing_is_watched_and_no_turn_is_waited_for) {
    aio::async::loop closed;
    poller& on = poller::of(closed);
    const aio::net::socket one = signalled(), other = signalled();
    int calls = 0;
    std::string dropped;
    watched early([&](std::uint32_t) { ++calls; });
    watched late([&](std::uint32_t) { ++calls; });
    watched last([&](std::uint32_t) { ++calls; });
    early.dropped = [&] { dropped += 'e'; };
    late.dropped = [&] {
        dropped += 'l';
        on.defer(last);
        on.defer(last);
        dropped += '.';
    };
    last.dropped = [&] { dropped += 'L'; };
    on.add(one.get(), early, EPOLLIN);
    on.defer(early);
    closed.close();
    BOOST_TEST(dropped == "e");
    on.defer(late);
    BOOST_TEST(dropped == "el.L");
    BOOST_TEST(&poller::of(closed) == &on);
    BOOST_TEST(on.modify(one.get(), EPOLLIN | EPOLLOUT).value() == EBADF);
    BOOST_CHECK_EXCEPTION(
        on.add(other.get(), late, EPOLLIN),
        std::system_error,
        [](const std::system_error& e) { return e.code().value() == EBADF; }
    );
    on.remove(one.get());
    BOOST_TEST(calls == 0);
}

BOOST_AUTO_TEST_SUITE_END()
