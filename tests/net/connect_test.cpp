#include "../support/few_descriptors.hpp"

#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/net/connect.hpp>
#include <aio/net/connector.hpp>
#include <aio/net/dialing.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/proxy_header.hpp>
#include <aio/net/socket.hpp>
#include <aio/net/stream_core.hpp>
#include <aio/testing/case.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using net::address;
using net::connect_options;

namespace {

/// A listening socket that nobody serves: the system connects.
struct listening {
    explicit listening(const address& where, int backlog = 16)
        : socket(net::open_socket(where.raw()->sa_family, SOCK_STREAM)) {
        BOOST_REQUIRE(::bind(socket.get(), where.raw(), where.size()) == 0);
        if (backlog >= 0)
            BOOST_REQUIRE(::listen(socket.get(), backlog) == 0);
        at = net::local_address(socket.get());
    }

    explicit listening(const char* literal = "127.0.0.1", int backlog = 16)
        : listening(*address::parse(literal, 0), backlog) {}

    /// Blocks until somebody is there.
    net::socket accept() const {
        ::fcntl(socket.get(), F_SETFL, 0);
        net::socket made(::accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
        BOOST_REQUIRE(static_cast<bool>(made));
        return made;
    }

    net::socket socket;
    address at;
};

/// An address that answers nothing: the one place of the queue is taken.
struct black_hole : listening {
    explicit black_hole(const char* literal = "127.0.0.1") : listening(literal, 0) {
        taken.push_back(net::open_socket(at.raw()->sa_family, SOCK_STREAM));
        (void)::connect(taken.back().get(), at.raw(), at.size());
    }

    std::vector<net::socket> taken;
};

/// Bound, and nobody listens.
struct refusing : listening {
    explicit refusing(const char* literal = "127.0.0.1") : listening(literal, -1) {}
};

/// Answers what the test says; the port is that of the address.
struct scripted_resolver final : net::resolver {
    task<std::vector<address>>
    resolve(std::string name, std::uint16_t port, net::family wanted) override {
        asked.push_back(name + ":" + std::to_string(port));
        last_wanted = wanted;
        if (name == "never")
            co_await async::event().wait("for ever");
        if (name == "gone")
            throw std::system_error(ENOENT, std::generic_category(), "cannot resolve 'gone'");
        co_return answers.at(name);
    }

    std::map<std::string, std::vector<address>> answers;
    std::vector<std::string> asked;
    net::family last_wanted{};
};

void write_all(const net::socket& target, std::string_view text) {
    BOOST_REQUIRE(::write(target.get(), text.data(), text.size()) == std::ssize(text));
}

/// Cancels a group when a connection is made, whose peer has sent something by then.
struct cancelling final : net::connector, private net::connector::outcome {
    cancelling(async::task_group& group, const listening& server) : dials(group), at(server) {}

    std::unique_ptr<attempt> begin(
        async::loop& home,
        const address& target,
        const net::client_socket_options& options,
        outcome& told,
        std::size_t number
    ) override {
        race = &told;
        return system.begin(home, target, options, *this, number);
    }

    void connected(std::size_t attempt) override {
        peer = at.accept();
        write_all(peer, "unread");
        race->connected(attempt);
        dials.cancel();
    }

    void failed(std::size_t attempt, int error) override { race->failed(attempt, error); }

    async::task_group& dials;
    const listening& at;
    net::system_connector system;
    outcome* race = nullptr;
    net::socket peer;
};

struct fixture {
    task<async::loop*> begin() {
        home = async::loop::of(co_await boost::asio::this_coro::executor);
        net::dialing::of(*home).use(&names, nullptr);
        (void)net::poller::of(*home); // its descriptors are there before a test counts
        co_return home;
    }

    /// The peer, or the error.
    task<std::string> dial(std::string where, connect_options options = {}) {
        try {
            const net::stream made = co_await net::connect(where, options);
            co_return "peer " + made.peer().text();
        } catch (const boost::system::system_error& e) {
            co_return e.code() == boost::asio::error::operation_aborted ? "aborted" : e.what();
        } catch (const std::exception& e) {
            co_return e.what();
        }
    }

    task<void> note(std::string where, connect_options options = {}) {
        heard.push_back(co_await dial(where, options));
    }

    async::loop* home = nullptr;
    scripted_resolver names;
    std::vector<std::string> heard;
};

std::size_t descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::string read_head(const net::socket& from) {
    std::string got;
    char c = 0;
    while (!got.ends_with("\r\n\r\n") && ::read(from.get(), &c, 1) == 1)
        got += c;
    return got;
}

int option_of(const address& local, int level, int name) {
    for (int fd = 3; fd < 1024; ++fd) {
        int value = -1;
        ::socklen_t size = sizeof value;
        if (net::local_address(fd) == local && ::getsockopt(fd, level, name, &value, &size) == 0)
            return value;
    }
    return -1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(connect_)

AIO_FIXTURE_TEST_CASE(an_address_is_connected_to_and_talked_with, fixture) {
    co_await begin();
    for (const char* literal : {"127.0.0.1", "::1"}) {
        const listening server(literal);
        net::stream made = co_await net::connect(server.at.text());
        const net::socket peer = server.accept();
        co_await made.write("hello");
        char got[6]{};
        BOOST_TEST(::recv(peer.get(), got, 5, MSG_WAITALL) == 5);
        write_all(peer, "world\n");
        BOOST_TEST((co_await made.read_line()).value() == "world");
        BOOST_TEST(made.peer().text() == server.at.text());
    }
    BOOST_TEST(names.asked.empty());
}

AIO_FIXTURE_TEST_CASE(a_refusal_names_the_address, fixture) {
    co_await begin();
    const refusing closed;
    BOOST_TEST(co_await dial(closed.at.text()) == closed.at.text() + ": Connection refused");
    try {
        co_await net::connect(closed.at.text());
        BOOST_ERROR("it was refused");
    } catch (const std::system_error& e) {
        BOOST_TEST(e.code().value() == ECONNREFUSED);
    }
}

AIO_FIXTURE_TEST_CASE(the_addresses_of_a_name_are_tried_until_one_connects, fixture) {
    co_await begin();
    const refusing closed;
    const listening server("::1");
    names.answers["bank"] = {closed.at, server.at};
    BOOST_TEST(co_await dial("bank:80") == "peer " + server.at.text());
    BOOST_TEST(names.asked == std::vector<std::string>{"bank:80"});
}

AIO_FIXTURE_TEST_CASE(an_error_names_the_target_and_every_address, fixture) {
    co_await begin();
    const refusing first, second("::1");
    names.answers["bank"] = {first.at, second.at};
    BOOST_TEST(
        co_await dial("bank:80") == "bank:80: " + first.at.text() + ": Connection refused; " +
                                        second.at.text() + ": Connection refused"
    );
    BOOST_TEST(co_await dial("gone:80") == "cannot resolve 'gone': No such file or directory");
    names.answers["empty"] = {};
    BOOST_TEST(co_await dial("empty:80") == "empty:80: the name has no address");
}

AIO_FIXTURE_TEST_CASE(an_address_that_keeps_silent_holds_up_the_next_one_for_the_delay, fixture) {
    co_await begin();
    const black_hole silent, silent_too;
    const listening server;
    names.answers["bank"] = {silent.at, silent_too.at, server.at};
    const std::size_t before = descriptors();
    const auto start = home->time().now();
    BOOST_TEST(
        co_await dial("bank:80", connect_options().attempt_delay(100ms)) ==
        "peer " + server.at.text()
    );
    BOOST_TEST((home->time().now() - start >= 200ms));
    BOOST_TEST(descriptors() == before); // also those of the black holes
}

AIO_FIXTURE_TEST_CASE(the_timeout_is_for_everything_together, fixture) {
    co_await begin();
    const black_hole silent;
    const refusing closed;
    const auto soon = connect_options().timeout(30ms);
    BOOST_TEST(
        co_await dial(silent.at.text(), soon) == silent.at.text() + ": Connection timed out"
    );
    names.answers["bank"] = {silent.at, closed.at};
    BOOST_TEST(
        co_await dial("bank:80", soon) == "bank:80: " + silent.at.text() +
                                              ": Connection timed out; " + closed.at.text() +
                                              ": not tried"
    );
    BOOST_TEST(co_await dial("never:80", soon) == "never:80: the name was not resolved in time");
}

AIO_FIXTURE_TEST_CASE(a_cancelled_dial_ends_at_once_and_leaves_no_socket, fixture) {
    co_await begin();
    const black_hole silent;
    names.answers["bank"] = {silent.at};
    const std::size_t before = descriptors();
    async::task_group group(*home);
    for (const char* where : {"bank:80", "never:80"})
        group.spawn("dial", note(where));
    group.spawn("dial", note(silent.at.text()));
    BOOST_TEST(descriptors() == before + 2);
    group.cancel();
    co_await group.join();
    BOOST_TEST(heard == std::vector<std::string>(3, "aborted"));
    BOOST_TEST(descriptors() == before);
}

AIO_FIXTURE_TEST_CASE(a_lack_of_descriptors_is_a_failure_of_each_address, fixture) {
    co_await begin();
    const listening first, second("::1");
    names.answers["bank"] = {first.at, second.at};
    co_await dial("bank:80");
    std::string got;
    {
        const test::few_descriptors none(3);
        got = co_await dial("bank:80");
    }
    BOOST_TEST(got.starts_with("bank:80: " + first.at.text() + ": Too many open files"));
    BOOST_TEST(got.find(second.at.text() + ": Too many open files") != got.npos);
    BOOST_TEST(co_await dial("bank:80") == "peer " + first.at.text());
}

AIO_FIXTURE_TEST_CASE(many_dials_leave_as_many_descriptors_as_there_were, fixture) {
    co_await begin();
    const listening first, second("::1");
    names.answers["bank"] = {first.at, second.at};
    co_await dial("bank:80");
    const std::size_t before = descriptors();
    for (int i = 0; i < 50; ++i) {
        BOOST_TEST(co_await dial("bank:80") == "peer " + first.at.text());
        first.accept();
    }
    BOOST_TEST(descriptors() == before);
}

AIO_FIXTURE_TEST_CASE(unix_sockets_are_connected_to_by_path_and_by_name, fixture) {
    co_await begin();
    const testing::temporary_folder folder;
    const std::string path = (folder.path() / "s").string();
    const listening file(*address::unix_socket(path));
    net::stream made = co_await net::connect("unix:" + path);
    write_all(file.accept(), "x\n");
    BOOST_TEST((co_await made.read_line()).value() == "x");
    const std::string name = "aio-connect-test-" + std::to_string(::getpid());
    const listening abstract(*address::abstract_socket(name));
    BOOST_TEST(abstract.at.text() == "@" + name);
    made = co_await net::connect("@" + name);
    write_all(abstract.accept(), "y\n");
    BOOST_TEST((co_await made.read_line()).value() == "y");
    BOOST_TEST(co_await dial("unix:/no/such") == "/no/such: No such file or directory");
    BOOST_TEST(co_await dial("@no-such-name") == "@no-such-name: Connection refused");
}

AIO_FIXTURE_TEST_CASE(a_unix_socket_whose_queue_is_full_is_waited_for, fixture) {
    co_await begin();
    const std::string name = "aio-connect-full-" + std::to_string(::getpid());
    const listening server(*address::abstract_socket(name), 0);
    const net::stream first = co_await net::connect("@" + name);
    BOOST_TEST(
        co_await dial("@" + name, connect_options().timeout(30ms)) ==
        "@" + name + ": Connection timed out"
    );
    async::task_group group(*home);
    group.spawn("dial", note("@" + name));
    BOOST_TEST(heard.empty());
    server.accept();
    co_await group.join();
    BOOST_REQUIRE(heard.size() == 1u);
    BOOST_TEST(heard[0].starts_with("peer"));
}

AIO_FIXTURE_TEST_CASE(the_address_to_connect_from_can_be_given, fixture) {
    co_await begin();
    const listening server;
    const net::stream made =
        co_await net::connect(server.at.text(), connect_options().source("127.0.0.2"));
    BOOST_TEST(made.local().host() == "127.0.0.2");
    names.answers["bank"] = {server.at};
    co_await dial("bank:80", connect_options().source("127.0.0.2"));
    BOOST_TEST((names.last_wanted == net::family::v4));
    BOOST_TEST(
        co_await dial("[::1]:1", connect_options().source("127.0.0.2")) ==
        "::1 is not an IPv4 address"
    );
    BOOST_CHECK_THROW(connect_options().source("bank"), std::invalid_argument);
}

AIO_FIXTURE_TEST_CASE(a_socket_that_has_found_itself_is_refused, fixture) {
    co_await begin();
    const listening holder;
    const std::string free = holder.at.text();
    const_cast<listening&>(holder).socket.reset();
    BOOST_TEST(
        co_await dial(free, connect_options().source(free)) == free + ": Connection refused"
    );
}

AIO_FIXTURE_TEST_CASE(a_vanished_peer_is_noticed_by_default, fixture) {
    co_await begin();
    const listening server;
    net::stream made = co_await net::connect(server.at.text());
    BOOST_TEST(option_of(made.local(), SOL_SOCKET, SO_KEEPALIVE) == 1);
    BOOST_TEST(option_of(made.local(), IPPROTO_TCP, TCP_KEEPIDLE) == 15);
    BOOST_TEST(option_of(made.local(), IPPROTO_TCP, TCP_USER_TIMEOUT) == 30'000);
    BOOST_TEST(option_of(made.local(), IPPROTO_TCP, TCP_NODELAY) == 1);
    made =
        co_await net::connect(server.at.text(), connect_options().keepalive({}).user_timeout(1s));
    BOOST_TEST(option_of(made.local(), SOL_SOCKET, SO_KEEPALIVE) == 0);
    BOOST_TEST(option_of(made.local(), IPPROTO_TCP, TCP_USER_TIMEOUT) == 1000);
}

AIO_FIXTURE_TEST_CASE(what_is_no_target_is_a_mistake_of_the_caller, fixture) {
    co_await begin();
    BOOST_TEST(
        co_await dial("bank.example") ==
        "the target: the port is missing; write it as in bank.example:443"
    );
    BOOST_CHECK_THROW(co_await net::connect("::1:80"), std::invalid_argument);
    BOOST_CHECK_THROW(connect_options().proxy("socks5://p:1"), std::invalid_argument);
}

AIO_FIXTURE_TEST_CASE(a_proxy_resolves_the_name_and_the_server_may_speak_first, fixture) {
    co_await begin();
    const listening proxy;
    std::string request;
    std::thread serving([&] {
        const net::socket peer = proxy.accept();
        request = read_head(peer);
        write_all(
            peer, "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\nSSH-2.0-x\r\n\r\nmore\n"
        );
    });
    net::stream made = co_await net::connect(
        "bank.example:22", connect_options().proxy("http://u:p@" + proxy.at.text())
    );
    serving.join();
    BOOST_TEST(
        request == "CONNECT bank.example:22 HTTP/1.1\r\nHost: bank.example:22\r\n"
                   "Proxy-Authorization: Basic dTpw\r\n\r\n"
    );
    BOOST_TEST((co_await made.read_line()).value() == "SSH-2.0-x");
    BOOST_TEST((co_await made.read_line()).value() == "");
    BOOST_TEST((co_await made.read_line()).value() == "more");
    BOOST_TEST(names.asked.empty());
}

AIO_FIXTURE_TEST_CASE(a_proxy_that_opens_no_tunnel_says_why, fixture) {
    co_await begin();

    const struct {
        std::string_view answer;
        std::string why;
    } all[] = {
        {"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", "403 Forbidden"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 502 Bad Gateway\r\n\r\n", "502 Bad Gateway"},
        {"220 smtp\r\n", "it does not answer in HTTP/1.1: '220 smtp'"},
        {"HTTP/1.1 20", "it ended the connection inside its answer"},
        {"", "it ended the connection without an answer"},
    };

    for (const auto& each : all) {
        const listening proxy;
        std::thread serving([&] {
            const net::socket peer = proxy.accept();
            read_head(peer);
            write_all(peer, each.answer);
        });
        const std::string got =
            co_await dial("bank.example:22", connect_options().proxy("http://" + proxy.at.text()));
        serving.join();
        BOOST_TEST(got == "bank.example:22: the proxy " + proxy.at.text() + ": " + each.why);
    }
}

AIO_FIXTURE_TEST_CASE(a_connection_goes_by_the_interface_that_is_wanted, fixture) {
    co_await begin();
    const listening here;
    BOOST_TEST(
        co_await dial(here.at.text(), connect_options().interface("lo")) == "peer " + here.at.text()
    );
    BOOST_TEST(
        co_await dial(here.at.text(), connect_options().interface("no-such-one")) ==
        here.at.text() + ": No such device"
    );
    BOOST_CHECK_THROW(connect_options().interface("a b"), std::invalid_argument);
    BOOST_CHECK_THROW(connect_options().interface("0123456789abcdef"), std::invalid_argument);
}

AIO_FIXTURE_TEST_CASE(what_is_unsent_in_the_system_can_be_limited, fixture) {
    co_await begin();
    const listening here;
    for (const bool limited : {false, true}) {
        connect_options how;
        if (limited)
            how.unsent(base::size{64 * 1024});
        const net::stream made = co_await net::connect(here.at.text(), how);
        int value = 0;
        ::socklen_t size = sizeof value;
        ::getsockopt(net::core_of(made).fd(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value, &size);
        BOOST_TEST((value == 64 * 1024) == limited);
    }
}

AIO_FIXTURE_TEST_CASE(a_connection_announces_itself, fixture) {
    co_await begin();
    const listening here;
    for (const auto version :
         {net::proxy_header::format::text, net::proxy_header::format::binary}) {
        const net::stream made =
            co_await net::connect(here.at.text(), connect_options().announce(version));
        const net::socket peer = here.accept();
        std::string got(net::proxy_header::longest_text, '\0');
        got.resize(static_cast<std::size_t>(::read(peer.get(), got.data(), got.size())));
        const auto read = net::read_proxy_header(got);
        BOOST_TEST((read.what == net::proxy_reading::result::whole));
        BOOST_TEST((read.header.about == net::proxy_header::subject::client));
        BOOST_TEST((read.header.version == version));
        BOOST_TEST(read.header.from.text() == made.local().text());
        BOOST_TEST(read.header.to.text() == here.at.text());
    }
}

AIO_FIXTURE_TEST_CASE(a_unix_socket_announces_no_addresses, fixture) {
    co_await begin();
    const testing::temporary_folder folder;
    const listening here(*address::unix_socket(folder / "s"));
    const net::stream made = co_await net::connect(
        "unix:" + (folder / "s"), connect_options().announce(net::proxy_header::format::text)
    );
    const net::socket peer = here.accept();
    char got[100];
    const auto size = ::read(peer.get(), got, sizeof got);
    BOOST_TEST(std::string_view(got, static_cast<std::size_t>(size)) == "PROXY UNKNOWN\r\n");
}

AIO_FIXTURE_TEST_CASE(a_dial_that_is_cancelled_once_connected_waits_for_no_peer, fixture) {
    co_await begin();
    const listening here;
    async::task_group group(*home);
    cancelling sockets(group, here);
    net::dialing::of(*home).use(&names, &sockets);
    const std::size_t watched = net::poller::of(*home).watched();
    group.spawn(
        "dial", note(here.at.text(), connect_options().announce(net::proxy_header::format::text))
    );
    co_await group.join();
    net::dialing::of(*home).use(&names, nullptr);
    BOOST_TEST(heard == std::vector<std::string>{"aborted"});
    BOOST_TEST(net::poller::of(*home).watched() == watched);
}

AIO_FIXTURE_TEST_CASE(a_proxy_that_cannot_be_reached_is_named_as_the_proxy, fixture) {
    co_await begin();
    const refusing gone;
    names.answers["proxy.example"] = {gone.at};
    BOOST_TEST(
        co_await dial("bank.example:22", connect_options().proxy("http://" + gone.at.text())) ==
        "bank.example:22: the proxy " + gone.at.text() + ": Connection refused"
    );
    BOOST_TEST(
        co_await dial("bank.example:22", connect_options().proxy("http://proxy.example:3128")) ==
        "bank.example:22: the proxy proxy.example:3128: " + gone.at.text() + ": Connection refused"
    );
}

AIO_FIXTURE_TEST_CASE(a_proxy_that_keeps_silent_or_sends_without_end_is_given_up, fixture) {
    co_await begin();
    const listening silent;
    BOOST_TEST(
        co_await dial(
            "bank.example:22", connect_options().timeout(30ms).proxy("http://" + silent.at.text())
        ) == "bank.example:22: the proxy " + silent.at.text() + ": it does not answer in time"
    );
    const listening talkative;
    std::thread serving([&] {
        const net::socket peer = talkative.accept();
        read_head(peer);
        const std::string line = "HTTP/1.1 200 OK\r\n" + std::string(100'000, 'x');
        (void)::send(peer.get(), line.data(), line.size(), MSG_NOSIGNAL);
    });
    const std::string got =
        co_await dial("bank.example:22", connect_options().proxy("http://" + talkative.at.text()));
    serving.join();
    BOOST_TEST(got.starts_with("bank.example:22: the proxy " + talkative.at.text() + ": "));
}

BOOST_AUTO_TEST_SUITE_END()
