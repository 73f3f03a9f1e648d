#include "fixture.hpp"
#include "scripted_receive.hpp"

#include <aio/net/bind.hpp>
#include <aio/net/datagram_core.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace aio::net;

namespace {

struct state {
    datagram_transport* to = nullptr;
    int count = 0;
    int crashes = 0;
    int errors = 0;
    int pauses = 0;
    int too_long = 0;
    int dropped = 0;
    bool admits = true;
    int refused = 0;
    std::size_t recovered = 0;
    std::string got; ///< by `sizes`
    bool over = false;
};

struct echo final : datagram_protocol {
    explicit echo(state& s) : all(s) {}

    void connection_made(datagram_transport& by) override { all.to = &by; }

    void datagram_received(std::span<const std::byte> data, const address& from) override {
        ++all.count;
        if (data.size() == 5)
            throw std::runtime_error("five");
        all.to->send_to(data, from);
    }

    void error_received(std::error_code) override { ++all.errors; }

    state& all;
};

/// Notes the size of what has come; "0": an error.
struct sizes final : datagram_protocol {
    explicit sizes(state& s) : all(s) {}

    void connection_made(datagram_transport& by) override { all.to = &by; }

    void datagram_received(std::span<const std::byte> data, const address&) override {
        all.got = std::to_string(data.size());
    }

    void error_received(std::error_code) override { all.got = "0"; }

    state& all;
};

/// Answers when it is told to, in the order of arrival.
struct late_echo final : datagram_protocol {
    explicit late_echo(state& s) : all(s) {}

    void connection_made(datagram_transport& by) override { all.to = &by; }

    void datagram_received(std::span<const std::byte>, const address& from) override {
        senders.push_back(from);
        ++all.count;
    }

    state& all;
    std::vector<address> senders;
};

/// Uses its transport until the last moment that the contract permits.
struct busy_end final : datagram_protocol {
    explicit busy_end(state& s) : all(s) {}

    void connection_made(datagram_transport& by) override { all.to = &by; }

    void datagram_received(std::span<const std::byte>, const address&) override {}

    void connection_lost(std::error_code) override {
        all.to->close();
        all.to->send_to("late", *address::parse("127.0.0.1", 9));
        all.to->close();
    }

    state& all;
};

/// The second end may send long datagrams, as long as the system lets it.
std::array<int, 2> pair_that_sends_much() {
    std::array<int, 2> pair{};
    BOOST_REQUIRE(
        ::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) == 0
    );
    const int room = 1 << 20;
    ::setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    ::setsockopt(pair[1], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room); // for root
    return pair;
}

/// Those of the wanted addresses that this machine has.
std::vector<std::string> present(const std::vector<std::string>& wanted) {
    std::vector<std::string> all;
    std::ranges::copy_if(wanted, std::back_inserter(all), support::present);
    return all;
}

struct core final : datagram_core {
    core(state& s, poller& on, aio::net::socket bound)
        : datagram_core(on, std::move(bound)), all(s) {}

    void over() noexcept override {
        all.over = true;
        delete this;
    }

    void crashed(std::exception_ptr) noexcept override { ++all.crashes; }

    void dropped(const address&, drop) noexcept override { ++all.dropped; }

    bool admits(std::span<const std::byte>&, address&) noexcept override {
        all.refused += !all.admits;
        return all.admits;
    }

    void too_long(const address&) noexcept override { ++all.too_long; }

    bool cannot_receive(const std::error_code&) noexcept override { return ++all.pauses == 1; }

    void receives_again(std::size_t failures) noexcept override { all.recovered = failures; }

    state& all;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(datagram_, support::loop_under_test)

BOOST_AUTO_TEST_CASE(udp_is_drained_and_answered) {
    bind_request what;
    what.transport = transport_kind::udp;
    what.addresses = {"127.0.0.1"};
    auto bound = bind(what);
    state all;
    auto* one = new core(all, poller::of(loop), std::move(bound[0].sockets[0]));
    one->begin(std::make_unique<echo>(all));
    support::peer p = support::peer::connect(bound[0].at, SOCK_DGRAM);
    for (int i = 0; i < 100; ++i)
        p.send(std::to_string(1000 + i));
    until([&] { return all.count == 100; });
    for (int i = 0; i < 100; ++i)
        BOOST_TEST(p.receive() == std::to_string(1000 + i));
    p.send("fives");
    BOOST_TEST(::send(p.fd(), "", 0, 0) == 0);
    until([&] { return all.count == 102; });
    BOOST_TEST(all.crashes == 1);
    BOOST_TEST(!all.over);
    all.to->close();
    until([&] { return all.over; });
}

BOOST_AUTO_TEST_CASE(a_close_in_connection_lost_has_no_effect) {
    bind_request what;
    what.transport = transport_kind::udp;
    what.addresses = {"127.0.0.1"};
    auto bound = bind(what);
    for (int closes = 1; closes <= 2; ++closes) {
        state all;
        auto* served =
            new core(all, poller::of(loop), aio::net::socket{::dup(bound[0].sockets[0].get())});
        served->begin(std::make_unique<busy_end>(all));
        for (int i = 0; i < closes; ++i)
            all.to->close();
        until([&] { return all.over; });
        for (int turn = 0; turn < 3; ++turn) // the poller has forgotten it
            loop.poll_one();
    }
}

BOOST_AUTO_TEST_CASE(report_net_1_an_answer_leaves_from_the_address_that_was_asked) {
    const std::pair<std::vector<std::string>, std::vector<std::string>> table[] = {
        {{}, {"127.0.0.1", "127.0.0.2", "127.3.2.1", "::1"}},
        {{"0.0.0.0"}, {"127.0.0.2", "127.0.0.1"}},
        {{"::"}, {"::1"}},
        {{"127.0.0.2"}, {"127.0.0.2"}},
    };
    for (const auto& [addresses, asked] : table) {
        bind_request what;
        what.transport = transport_kind::udp;
        what.addresses = addresses;
        if (present(asked).size() != asked.size())
            BOOST_TEST_MESSAGE("without IPv6: skipped in part");
        if (present(asked).empty())
            continue;
        auto bound = bind(what);
        state all;
        auto* one = new core(all, poller::of(loop), std::move(bound[0].sockets[0]));
        auto protocol = std::make_unique<late_echo>(all);
        const late_echo& late = *protocol;
        // One asks before the socket is served at all.
        std::vector<support::peer> peers;
        for (const std::string& host : present(asked)) {
            if (peers.size() == 1)
                one->begin(std::move(protocol));
            const address at = *address::parse(host, bound[0].at.port());
            peers.push_back(support::peer::connect(at, SOCK_DGRAM));
            peers.back().send("to " + host);
        }
        if (peers.size() == 1)
            one->begin(std::move(protocol));
        until([&] { return late.senders.size() == peers.size(); });
        for (const address& from : late.senders)
            all.to->send_to("from " + from.asked().host(), from);
        std::size_t i = 0;
        for (const std::string& host : present(asked)) {
            BOOST_REQUIRE_MESSAGE(peers[i].readable(std::chrono::seconds(10)), host);
            const bool alone = addresses.size() == 1 && addresses[0] == host;
            BOOST_TEST(peers[i].receive() == "from " + (alone ? "" : host));
            ++i;
        }
        all.to->close();
        until([&] { return all.over; });
    }
}

BOOST_AUTO_TEST_CASE(an_answer_goes_out_though_the_address_that_was_asked_has_gone) {
    bind_request what;
    what.transport = transport_kind::udp;
    auto bound = bind(what);
    state all;
    auto* one = new core(all, poller::of(loop), std::move(bound[0].sockets[0]));
    one->begin(std::make_unique<echo>(all));
    aio::net::socket mine{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const address local = *address::parse("127.0.0.1", 0);
    BOOST_REQUIRE(::bind(mine.get(), local.raw(), local.size()) == 0);
    const address to = local_address(mine.get());
    support::peer p(std::move(mine));
    address mapped = *address::parse("::ffff:127.0.0.1", to.port());
    mapped.asked(*address::parse("192.0.2.1", 0));
    all.to->send_to("one", mapped);
    BOOST_TEST(p.receive() == "one");
    all.to->close();
    until([&] { return all.over; });
}

BOOST_AUTO_TEST_CASE(unix_datagrams_know_who_sent_them) {
    const aio::testing::temporary_folder folder;
    bind_request what;
    what.transport = transport_kind::unix_datagram;
    what.path = folder / "server";
    auto bound = bind(what);
    state all;
    auto* one = new core(all, poller::of(loop), std::move(bound[0].sockets[0]));
    one->begin(std::make_unique<echo>(all));
    aio::net::socket mine{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const auto at = *address::unix_socket(folder / "client");
    BOOST_REQUIRE(::bind(mine.get(), at.raw(), at.size()) == 0);
    BOOST_REQUIRE(::connect(mine.get(), bound[0].at.raw(), bound[0].at.size()) == 0);
    support::peer p(std::move(mine));
    p.send("hi");
    until([&] { return all.count == 1; });
    BOOST_TEST(p.receive() == "hi");
    one->close();
    until([&] { return all.over; });
}

BOOST_AUTO_TEST_CASE(an_answer_may_be_as_long_as_a_question_and_a_longer_one_is_counted) {
    const std::array<int, 2> pair = pair_that_sends_much();
    state all;
    auto* one = new core(all, poller::of(loop), aio::net::socket(pair[0]));
    one->begin(std::make_unique<echo>(all));
    support::peer far{aio::net::socket(pair[1])};
    const std::string question(400'000, 'x');
    far.send(question);
    until_readable(far);
    BOOST_TEST(far.receive(question.size() + 1).size() == question.size());
    all.to->send(std::string(64u << 20, 'x'));
    BOOST_TEST(all.dropped == 1);
    BOOST_TEST(all.errors == 1);
    one->close();
    until([&] { return all.over; });
}

BOOST_AUTO_TEST_CASE(a_large_datagram_is_whole_or_an_error) {
    const std::array<int, 2> pair = pair_that_sends_much();
    state all;
    auto* one = new core(all, poller::of(loop), aio::net::socket(pair[0]));
    one->begin(std::make_unique<sizes>(all));
    const aio::net::socket far(pair[1]);
    const auto send = [&](std::size_t size) {
        const std::string data(size, 'x');
        if (::send(far.get(), data.data(), data.size(), 0) >= 0)
            return true;
        BOOST_TEST((errno == EMSGSIZE && size > 200'000u));
        return false;
    };
    for (const std::size_t size : {65'536u, 65'537u, 200'000u, 425'952u, 524'288u, 524'289u})
        if (send(size))
            until([&] { return all.got == std::to_string(size > 524'288u ? 0 : size); });
    BOOST_TEST(all.too_long == (all.got == "0" ? 1 : 0));
    if (all.got == "0") { // it is of somebody who may not send
        all.admits = false;
        all.got.clear();
        BOOST_TEST(send(524'289u));
        until([&] { return all.refused == 1; });
        all.admits = true;
        BOOST_TEST(send(1));
        until([&] { return !all.got.empty(); });
        BOOST_TEST(all.got == "1");
        BOOST_TEST(all.too_long == 1);
    }
    one->close();
    until([&] { return all.over; });
}

namespace {

struct by_hand {
    aio::async::virtual_clock time{aio::async::virtual_clock::moves::by_hand};
};

/// Time passes by pass() alone.
struct refused : by_hand, support::loop_under_test {
    refused() : loop_under_test(time) {}

    void serve(const std::string& host) {
        bind_request what;
        what.transport = transport_kind::udp;
        what.addresses = {host};
        auto bound = bind(what);
        address target = bound[0].at;
        if (host == "*")
            target = *address::parse("127.0.0.1", target.port());
        one = new core(all, poller::of(loop), std::move(bound[0].sockets[0]));
        one->begin(std::make_unique<echo>(all));
        far.emplace(support::peer::connect(target, SOCK_DGRAM));
    }

    void pass(aio::base::duration amount) {
        const auto until_then = [](aio::async::virtual_clock& clock,
                                   aio::async::loop& home) -> aio::task<void> {
            co_await clock.settle();
            home.stop();
        };
        time.advance(amount);
        group.spawn("settle", until_then(time, loop));
        loop.run();
    }

    state all;
    core* one = nullptr;
    std::optional<support::peer> far;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_receive_that_is_refused_for_good_makes_pauses) {
    for (const char* host : {"127.0.0.1", "*"})
        for (const int number : {EPERM, ENOSYS, ENOMEM, ECONNREFUSED}) {
            refused it;
            it.serve(host);
            int calls = 0;
            {
                const test::scripted_receive script([&](int) {
                    ++calls;
                    return number;
                });
                it.far->send("first");
                it.until([&] { return it.all.pauses == 1; });
                BOOST_TEST(calls == 16);
                BOOST_TEST(it.all.errors == 16);
                it.settle();
                it.far->send("second"); // is an event, and ends no pause
                it.settle();
                BOOST_TEST(calls == 16);
                for (int i = 0; i < 20; ++i)
                    it.pass(std::chrono::milliseconds(100));
                BOOST_TEST(calls > 16);
                BOOST_TEST(calls < 27); // 10, 20, 40 … 1000 ms
                BOOST_TEST(it.all.pauses == calls - 15);
            }
            it.pass(std::chrono::seconds(1));
            it.until([&] { return it.all.count == 2; });
            BOOST_TEST(it.all.recovered == static_cast<std::size_t>(calls - 15));
            it.all.to->close();
            it.until([&] { return it.all.over; });
        }
}

BOOST_AUTO_TEST_CASE(a_single_error_here_and_there_makes_no_pause) {
    refused it;
    it.serve("127.0.0.1");
    int calls = 0;
    const test::scripted_receive script([&](int) { return ++calls % 2 ? ECONNREFUSED : 0; });
    for (int i = 0; i < 100; ++i) {
        it.far->send("x");
        it.until([&] { return it.all.count == i + 1; });
    }
    BOOST_TEST(it.all.pauses == 0);
    it.all.to->close();
    it.until([&] { return it.all.over; });
}

BOOST_AUTO_TEST_CASE(a_socket_that_cannot_receive_ends_all_the_same) {
    for (const bool input_ends : {false, true})
        for (const bool in_pause : {false, true}) {
            refused it;
            it.serve("127.0.0.1");
            const test::scripted_receive script([](int) { return EPERM; });
            it.far->send("x");
            if (in_pause)
                it.until([&] { return it.all.pauses == 1; });
            if (input_ends)
                it.one->end_input();
            if (input_ends)
                it.one->finish();
            else
                it.one->close();
            it.until([&] { return it.all.over; }); // while the time stands still
        }
}

BOOST_AUTO_TEST_SUITE_END()
