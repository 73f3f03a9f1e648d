#include "fixture.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <functional>
#include <memory>
#include <vector>

using namespace aio::net;

namespace {

struct watched final : watch {
    explicit watched(std::function<void(std::uint32_t)> f) : call(std::move(f)) {}

    ~watched() = default;

    void ready(std::uint32_t events) override { call(events); }

    std::function<void(std::uint32_t)> call;
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
        on.remove(number);
        // A duplicate keeps the old registration of the kernel alive, as a child process would.
        duplicate.reset(::dup(number));
        first.reset();
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

BOOST_AUTO_TEST_SUITE_END()
