#include "fixture.hpp"

#include <aio/net/bind.hpp>
#include <aio/net/datagram_core.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <memory>
#include <stdexcept>
#include <string>

using namespace aio::net;

namespace {

struct state {
    datagram_transport* to = nullptr;
    int count = 0;
    int crashes = 0;
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

    state& all;
};

struct core final : datagram_core {
    core(state& s, poller& on, aio::net::socket at) : datagram_core(on, std::move(at)), all(s) {}

    void over() noexcept override {
        all.over = true;
        delete this;
    }

    void crashed(std::exception_ptr) noexcept override { ++all.crashes; }

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

BOOST_AUTO_TEST_SUITE_END()
