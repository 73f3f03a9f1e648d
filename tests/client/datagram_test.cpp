#include "../support/few_descriptors.hpp"
#include "fixture.hpp"

#include <aio/net/dialing.hpp>
#include <aio/net/poller.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> notes;

struct asking final : net::datagram_protocol {
    void connection_made(net::datagram_transport& by) override {
        to = &by;
        by.send("question");
    }

    void datagram_received(std::span<const std::byte> data, const net::address&) override {
        notes.emplace_back(reinterpret_cast<const char*>(data.data()), data.size());
        if (notes.back() == "close")
            to->close();
        if (notes.back() == "throw")
            throw std::runtime_error("no such answer");
    }

    void error_received(std::error_code why) override { notes.push_back(why.message()); }

    void connection_lost(std::error_code) override { notes.emplace_back("lost"); }

    net::datagram_transport* to = nullptr;
};

struct datagrams : support::client_fixture {
    datagrams() {
        notes.clear();
        module.protocol<asking>("asking");
    }

    /// A bound socket of the test.
    struct far_end {
        explicit far_end(const net::address& where)
            : socket(net::open_socket(where.raw()->sa_family, SOCK_DGRAM)) {
            if (::bind(socket.get(), where.raw(), where.size()) != 0)
                throw std::system_error(errno, std::system_category(), "bind");
            at = net::local_address(socket.get());
        }

        std::string receive() {
            char data[100];
            ::socklen_t size = net::address::capacity;
            const auto count = ::recvfrom(socket.get(), data, sizeof data, 0, from.raw(), &size);
            from.size(size);
            return count < 0 ? "" : std::string(data, static_cast<std::size_t>(count));
        }

        void answer(const std::string& text) {
            BOOST_TEST(
                ::sendto(socket.get(), text.data(), text.size(), 0, from.raw(), from.size()) >= 0
            );
        }

        net::socket socket;
        net::address at, from;
    };

    void asked(far_end& far) {
        until([&] { return far.receive() == "question"; });
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(datagram_, datagrams)

BOOST_AUTO_TEST_CASE(udp_asks_and_hears_only_its_server) {
    far_end far(*net::address::parse("127.0.0.1", 0));
    begin(
        "protocol = test.asking\ntransport = udp\naddress = 127.0.0.1\nport = " +
        std::to_string(far.at.port()) + "\n"
    );
    asked(far);
    finish();
    far_end stranger(*net::address::parse("127.0.0.1", 0));
    stranger.from = far.from;
    stranger.answer("from elsewhere");
    far.answer("answer");
    until([&] { return !notes.empty(); });
    BOOST_TEST((notes == std::vector<std::string>{"answer"}));
    BOOST_TEST(client->condition() == "up");
    stop();
    BOOST_TEST(notes.back() == "lost");
}

BOOST_AUTO_TEST_CASE(a_socket_waits_until_enough_descriptors_are_free) {
    far_end far(*net::address::parse("127.0.0.1", 0));
    net::descriptor_use use;
    use.to_start = 100; // half of a small limit is reserved
    app.descriptors().plan(use);
    net::dialing::of(loop).limit_by(app.shared_descriptors());
    (void)net::poller::of(loop); // has its descriptor
    {
        const int next = ::dup(0);
        ::close(next);
        const test::few_descriptors limit(static_cast<rlim_t>(next + 2));
        begin(
            "protocol = test.asking\ntransport = udp\naddress = 127.0.0.1\nbackoff = 1s\nport = " +
            std::to_string(far.at.port()) + "\n"
        );
        until_logged("Too many open files");
        BOOST_TEST(counted("connections") == 0);
    }
    pass(1s);
    asked(far);
    BOOST_TEST(counted("connections") == 1);
}

BOOST_AUTO_TEST_CASE(a_unix_socket_gets_a_name_so_that_it_can_be_answered) {
    const testing::temporary_folder folder;
    const std::string path = (folder.path() / "sock").string();
    far_end far(*net::address::unix_socket(path));
    begin("protocol = test.asking\ntransport = unix-datagram\npath = " + path + "\n");
    asked(far);
    far.answer("answer");
    until([&] { return !notes.empty(); });
    BOOST_TEST(notes.back() == "answer");
}

BOOST_AUTO_TEST_CASE(errors_arrive_and_the_socket_stays) {
    net::address at;
    {
        const far_end gone(*net::address::parse("127.0.0.1", 0));
        at = gone.at;
    }
    begin(
        "protocol = test.asking\ntransport = udp\naddress = 127.0.0.1\nport = " +
        std::to_string(at.port()) + "\n"
    );
    until([&] { return !notes.empty(); });
    BOOST_TEST(notes.back() == "Connection refused");
    BOOST_TEST(counted("connections") == 1);
    BOOST_TEST(counted("attempts") == 1);
}

BOOST_AUTO_TEST_CASE(a_socket_that_its_protocol_closes_ends_the_client) {
    far_end far(*net::address::parse("127.0.0.1", 0));
    begin(
        "protocol = test.asking\ntransport = udp\naddress = 127.0.0.1\nport = " +
        std::to_string(far.at.port()) + "\n"
    );
    asked(far);
    far.answer("throw");
    until_logged("ERROR aio Client(test) failed on a datagram: no such answer");
    far.answer("close");
    until([&] { return !app.ends.empty(); });
    BOOST_TEST(app.ends.front() == "client/test");
    stop();
}

BOOST_AUTO_TEST_SUITE_END()
