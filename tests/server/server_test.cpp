#include "../net/accepted_option.hpp"
#include "fake_app.hpp"

#include <aio/async/sleep.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

using aio::task;
using aio::net::stream;

namespace {

task<void> wants_ten(stream s) {
    std::array<std::byte, 10> all;
    co_await s.read_exactly(all);
}

task<void> fail_on_x(stream s) {
    while (auto data = co_await s.read()) {
        if (data.text() == "x")
            throw std::runtime_error("it was an x");
        co_await s.write(data);
    }
}

task<void> greet(stream s) {
    co_await s.write("hello client\n");
}

struct served : support::server_fixture {
    served() {
        module.protocol("echo", support::echo);
        module.protocol("fail_on_x", fail_on_x);
        module.protocol("wants_ten", wants_ten);
        module.protocol("greet", greet);
        module.protocol<support::callback_echo>("callback_echo");
        module.factory("echo_factory", [](aio::server::builder build) {
            return build.serve(support::echo);
        });
        module.protocol<support::datagram_echo>("datagram_echo");
    }

    std::string port() const { return endpoint().substr(endpoint().rfind(':') + 1); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(server_, served)

BOOST_AUTO_TEST_CASE(case_126_port_0_is_reported_and_data_arrives) {
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    BOOST_TEST(port() != "0");
    against([&] {
        support::peer p = connect();
        p.send("hello server\n");
        BOOST_TEST(p.receive() == "hello server\n");
    });
}

BOOST_AUTO_TEST_CASE(case_53_without_an_address_every_local_one_answers) {
    start("protocol = test.echo\nport = 0\n");
    BOOST_TEST(logged("INFO(aio): Server(test) test.echo started on *:" + port()));
    against([&] {
        for (const char* host : {"127.0.0.1", "127.0.0.2", "[::1]"}) {
            support::peer p = support::peer::connect(std::string(host) + ":" + port());
            p.send(host);
            BOOST_TEST(p.receive() == host);
        }
    });
}

BOOST_AUTO_TEST_CASE(case_54_the_log_line_names_function_and_address) {
    start("protocol = test.echo\naddress =\n  127.0.0.1\n  ::1\nport = 0\n");
    BOOST_TEST(logged("INFO(aio): Server(test) test.echo started on 127.0.0.1:" + port()));
    BOOST_TEST(logged("INFO(aio): Server(test) test.echo started on [::1]:" + port()));
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_the_systems_reason) {
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    const std::string taken = port();
    served second;
    second.plan("protocol = test.echo\naddress = 127.0.0.1\nport = " + taken + "\n");
    try {
        second.server->prepare();
        BOOST_ERROR("bound twice");
    } catch (const std::runtime_error& e) {
        BOOST_TEST(
            e.what() ==
            "Server(test) failed to start: 127.0.0.1:" + taken + ": Address already in use"
        );
    }
    second.stopped = true;
}

BOOST_AUTO_TEST_CASE(case_56_the_port_is_free_after_the_stop) {
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    const std::string taken = port();
    stop();
    BOOST_CHECK_THROW(support::peer::connect("127.0.0.1:" + taken), std::system_error);
    served second;
    second.start("protocol = test.echo\naddress = 127.0.0.1\nport = " + taken + "\n");
    BOOST_TEST(second.port() == taken);
}

BOOST_AUTO_TEST_CASE(over_a_restart_the_sockets_stay_and_who_connects_meanwhile_is_served) {
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    const std::string before = port();
    against([&] {
        support::peer p = connect();
        p.send("one");
        BOOST_TEST(p.receive() == "one");
    });
    server->expect_restart();
    begin_stop();
    run(server->wait_stopped());
    support::peer meanwhile = support::peer::connect("127.0.0.1:" + before);
    run(server->start());
    BOOST_TEST(port() == before);
    against([&] {
        meanwhile.send("two");
        BOOST_TEST(meanwhile.receive() == "two");
    });
    const auto counted = server->statistics();
    BOOST_TEST(counted[1].name == "accepted");
    BOOST_TEST(counted[1].value == 2);
    BOOST_TEST(counted[2].name == "received");
    BOOST_TEST(counted[2].value == 6);
    BOOST_TEST(counted[3].name == "sent");
    BOOST_TEST(counted[3].value == 6);
    stop();
    BOOST_CHECK_THROW(support::peer::connect("127.0.0.1:" + before), std::system_error);
}

BOOST_AUTO_TEST_CASE(bytes_are_counted_while_connections_live) {
    for (const char* protocol : {"echo", "callback_echo"}) {
        served of;
        of.start(fmt::format("protocol = test.{}\naddress = 127.0.0.1\nport = 0\n", protocol));
        support::peer one = of.connect(), other = of.connect();
        of.against([&] {
            for (support::peer* each : {&one, &other}) {
                each->send(std::string(100'000, 'x'));
                for (std::size_t back = 0; back < 100'000;)
                    back += each->receive().size();
            }
        });
        const auto counted = of.server->statistics();
        BOOST_TEST(counted[0].value == 2);
        BOOST_TEST(counted[2].value == 200'000);
        BOOST_TEST(counted[3].value == 200'000);
    }
}

BOOST_AUTO_TEST_CASE(a_restart_nobody_announced_binds_the_same_port_again) {
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n");
    const std::string before = port();
    begin_stop();
    run(server->wait_stopped());
    BOOST_CHECK_THROW(support::peer::connect("127.0.0.1:" + before), std::system_error);
    run(server->start());
    BOOST_TEST(port() == before);
    against([&] {
        support::peer p = connect();
        p.send("again");
        BOOST_TEST(p.receive() == "again");
    });
}

BOOST_AUTO_TEST_CASE(case_127_unix_sockets) {
    const aio::testing::temporary_folder folder;
    const std::string path = folder / "s";
    start("protocol = test.callback_echo\ntransport = unix\npath = " + path + "\nmode = 0600\n");
    BOOST_TEST(logged("INFO(aio): Server(test) test.callback_echo started on " + path));
    struct ::stat found{};
    BOOST_REQUIRE(::stat(path.c_str(), &found) == 0);
    BOOST_TEST((found.st_mode & 07777) == 0600u);
    against([&] {
        support::peer p = connect();
        p.send("over a file");
        BOOST_TEST(p.receive() == "over a file");
    });
    stop();
    BOOST_TEST(::access(path.c_str(), F_OK) == -1);
}

BOOST_AUTO_TEST_CASE(a_restart_binds_anew_when_nobody_can_reach_the_socket_any_more) {
    enum loss { file_removed, folder_removed, folder_moved, another_socket };

    for (const char* transport : {"unix", "unix-datagram"})
        for (const loss what : {file_removed, folder_removed, folder_moved, another_socket}) {
            const aio::testing::temporary_folder folder;
            const std::string inner = folder / "run", path = inner + "/s";
            BOOST_REQUIRE(::mkdir(inner.c_str(), 0700) == 0);
            const bool datagrams = std::string_view(transport) != "unix";
            served of;
            of.start(fmt::format(
                "protocol = test.{}\ntransport = {}\npath = {}\n",
                datagrams ? "datagram_echo" : "echo",
                transport,
                path
            ));
            of.server->expect_restart();
            of.begin_stop();
            of.run(of.server->wait_stopped());
            if (what == folder_moved)
                BOOST_REQUIRE(::rename(inner.c_str(), (folder / "old").c_str()) == 0);
            else
                BOOST_REQUIRE(::unlink(path.c_str()) == 0);
            if (what == folder_removed)
                BOOST_REQUIRE(::rmdir(inner.c_str()) == 0);
            if (what == folder_removed || what == folder_moved)
                BOOST_REQUIRE(::mkdir(inner.c_str(), 0700) == 0);
            if (what == another_socket) { // nobody listens on it any more
                aio::net::socket dead{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
                const auto at = *aio::net::address::unix_socket(path);
                BOOST_REQUIRE(::bind(dead.get(), at.raw(), at.size()) == 0);
            }
            of.run(of.server->start());
            BOOST_TEST_CONTEXT(transport << " " << what) {
                const std::string said = fmt::format(
                    "WARNING(aio): Server(test) binds '{}' anew: the file of its socket is gone",
                    path
                );
                BOOST_TEST(of.logged(said));
                struct ::stat found{};
                BOOST_REQUIRE(::stat(path.c_str(), &found) == 0);
                if (!datagrams)
                    of.against([&] {
                        support::peer p = of.connect();
                        p.send("anew");
                        BOOST_TEST(p.receive() == "anew");
                    });
                of.stop();
                BOOST_TEST(::access(path.c_str(), F_OK) == -1);
            }
        }
}

BOOST_AUTO_TEST_CASE(a_restart_fails_when_another_server_has_taken_the_path) {
    const aio::testing::temporary_folder folder;
    const std::string path = folder / "s";
    const std::string section = "protocol = test.echo\ntransport = unix\npath = " + path + "\n";
    start(section);
    server->expect_restart();
    begin_stop();
    run(server->wait_stopped());
    BOOST_REQUIRE(::unlink(path.c_str()) == 0);
    served other;
    other.start(section);
    BOOST_CHECK_EXCEPTION(run(server->start()), std::runtime_error, [&](const auto& why) {
        return std::string_view(why.what()) ==
               "Server(test) failed to start: " + path + ": Address already in use";
    });
    begin_stop();
    other.against([&] {
        support::peer p = other.connect();
        p.send("mine");
        BOOST_TEST(p.receive() == "mine");
    });
}

BOOST_AUTO_TEST_CASE(over_a_restart_a_unix_socket_stays_though_its_file_was_touched) {
    const aio::testing::temporary_folder folder;
    const std::string path = folder / "s";
    start("protocol = test.echo\ntransport = unix\npath = " + path + "\n");
    server->expect_restart();
    begin_stop();
    run(server->wait_stopped());
    BOOST_REQUIRE(::chmod(path.c_str(), 0600) == 0);
    BOOST_REQUIRE(::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0);
    support::peer meanwhile = support::peer::connect(path);
    run(server->start());
    against([&] {
        meanwhile.send("kept");
        BOOST_TEST(meanwhile.receive() == "kept");
    });
    BOOST_TEST(!logged("anew"));
}

BOOST_AUTO_TEST_CASE(case_127_unix_datagrams) {
    const aio::testing::temporary_folder folder;
    start(
        "protocol = test.datagram_echo\ntransport = unix-datagram\npath = " + (folder / "s") + "\n"
    );
    against([&] {
        aio::net::socket mine{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
        const auto at = *aio::net::address::unix_socket(folder / "c");
        BOOST_REQUIRE(::bind(mine.get(), at.raw(), at.size()) == 0);
        const auto to = *aio::net::address::unix_socket(endpoint());
        BOOST_REQUIRE(::connect(mine.get(), to.raw(), to.size()) == 0);
        support::peer p(std::move(mine));
        p.send("datagram");
        BOOST_TEST(p.receive() == "datagram");
    });
}

BOOST_AUTO_TEST_CASE(a_datagram_that_is_too_long_is_counted_and_logged) {
    const aio::testing::temporary_folder folder;
    start(
        "protocol = test.datagram_echo\ntransport = unix-datagram\npath = " + (folder / "s") + "\n"
    );
    const support::peer far = support::peer::connect(endpoint(), SOCK_DGRAM);
    const int room = 1 << 20;
    ::setsockopt(far.fd(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    const std::string data((512 << 10) + 1, 'x');
    if (::send(far.fd(), data.data(), data.size(), 0) < 0) {
        BOOST_TEST_MESSAGE("without the right to send so much: skipped");
        return;
    }
    until([&] {
        return logged("WARNING(aio): Server(test) drops datagrams: they are longer than 512 KiB: 1"
        );
    });
    std::size_t counted = 0;
    for (const auto& each : server->statistics())
        counted += each.name == "too_long" ? static_cast<std::size_t>(each.value) : 0;
    BOOST_TEST(counted == 1u);
}

BOOST_AUTO_TEST_CASE(datagrams_that_come_over_a_restart_are_answered) {
    start("protocol = test.datagram_echo\ntransport = udp\naddress = 127.0.0.1\nport = 0\n");
    const std::string before = port();
    for (int i = 0; i < 3; ++i) {
        server->expect_restart();
        begin_stop();
        run(server->wait_stopped());
        run(server->start());
        BOOST_TEST(port() == before);
        against([&] {
            support::peer p = support::peer::connect("127.0.0.1:" + before, SOCK_DGRAM);
            p.send("ping");
            BOOST_TEST(p.receive() == "ping");
        });
    }
}

BOOST_AUTO_TEST_CASE(an_exception_closes_its_connection_and_is_logged) {
    start("protocol = test.fail_on_x\naddress = 127.0.0.1\nport = 0\n");
    against([&] {
        support::peer good = connect(), bad = connect();
        bad.send("x");
        BOOST_TEST(bad.receive() == "");
        good.send("y");
        BOOST_TEST(good.receive() == "y");
    });
    BOOST_TEST(logged_with("failed: it was an x") == 1u);
    BOOST_TEST(logged_with("ERROR(aio): Server(test) connection from 127.0.0.1:") == 1u);
    BOOST_TEST(crashes == 0);
}

BOOST_AUTO_TEST_CASE(a_reset_is_only_worth_a_debug_line) {
    start("protocol = test.echo\nport = 0\n");
    against([&] {
        support::peer p = connect();
        p.send("x");
        p.receive();
        p.reset();
    });
    until([&] { return logged_with("DEBUG(aio): Server(test) connection from") == 1; });
    BOOST_TEST(logged_with("ERROR") == 0u);
}

BOOST_AUTO_TEST_CASE(an_end_amid_a_message_is_only_worth_a_debug_line) {
    start("protocol = test.wants_ten\naddress = 127.0.0.1\nport = 0\n");
    against([&] { connect(); }); // a check whether the port is open
    until([&] { return logged_with("DEBUG(aio): Server(test) connection from") == 1; });
    BOOST_TEST(logged_with("the stream ended too early") == 1u);
    BOOST_TEST(logged_with("ERROR") == 0u);
}

BOOST_AUTO_TEST_CASE(several_loops_share_the_port) {
    add_loops(2);
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\nloops = all\n");
    against([&] {
        std::vector<support::peer> all;
        for (int i = 0; i < 60; ++i)
            all.push_back(connect());
        for (auto& one : all) {
            one.send("hello");
            BOOST_TEST(one.receive() == "hello");
        }
    });
    stop();
}

BOOST_AUTO_TEST_CASE(several_loops_share_a_unix_socket) {
    const aio::testing::temporary_folder folder;
    add_loops(1);
    start("protocol = test.greet\ntransport = unix\nloops = 2\npath = " + (folder / "s") + "\n");
    against([&] {
        for (int i = 0; i < 20; ++i)
            BOOST_TEST(connect().receive_all() == "hello client\n");
    });
}

BOOST_AUTO_TEST_CASE(more_connections_than_allowed_wait) {
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\nmax_connections = 2\n");
    against([&] {
        support::peer one = connect(), two = connect(), three = connect();
        for (support::peer* each : {&one, &two}) {
            each->send("x");
            BOOST_TEST(each->receive() == "x");
        }
        three.send("y");
        BOOST_TEST(!three.readable(std::chrono::milliseconds(100)));
        one.close();
        BOOST_TEST(three.receive() == "y");
    });
}

BOOST_AUTO_TEST_CASE(a_full_server_says_so_and_when_it_has_room_again) {
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\nmax_connections = 2\n");
    std::vector<support::peer> held;
    for (int i = 0; i < 2; ++i)
        held.push_back(connect());
    settle();
    BOOST_TEST(logged_with("is full") == 0u); // nobody waits
    held.push_back(connect());
    held.push_back(connect());
    until([&] { return logged_with("WARNING(aio): Server(test) is full: it has 2 ") == 1; });
    held.erase(held.begin());
    until([&] { return logged_with("Server(test) has room again: 1 of 2 connections; ") == 1; });
    against([&] {
        held[1].send("x");
        BOOST_TEST(held[1].receive() == "x");
    });
    settle();
    BOOST_TEST(logged_with("is full") == 1u); // again, but within the minute
}

BOOST_AUTO_TEST_CASE(a_stop_of_a_full_server_makes_no_room) {
    start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\nmax_connections = 1\n");
    support::peer one = connect(), two = connect();
    until([&] { return logged_with("Server(test) is full") == 1; });
    stop();
    BOOST_TEST(logged_with("has room again") == 0u);
}

BOOST_AUTO_TEST_CASE(accepted_connections_are_kept_alive) {
    const auto options_of = [](const std::string& more) {
        served one;
        one.start("protocol = test.echo\naddress = 127.0.0.1\nport = 0\n" + more);
        support::peer p = one.connect();
        one.against([&] {
            p.send("x");
            p.receive();
        });
        std::string out;
        for (const int name : {TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT})
            out += fmt::format(" {}", support::accepted_option(p, IPPROTO_TCP, name));
        return std::to_string(support::accepted_option(p, SOL_SOCKET, SO_KEEPALIVE)) + out;
    };
    BOOST_TEST(options_of("") == "1 60 15 4");
    BOOST_TEST(
        options_of("keepalive = 2500ms\nkeepalive_interval = 1\nkeepalive_probes = 127\n") ==
        "1 3 1 127"
    );
    BOOST_TEST(options_of("keepalive = none\n").starts_with("0 "));
    BOOST_TEST(options_of("factory = test.echo_factory\nkeepalive = 9s\n").starts_with("1 9 "));
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct with_tls : served {
    with_tls() { support::write_certificates(folder); }

    void start_tls(const std::string& more, const std::string& protocol = "echo") {
        start(
            "protocol = test." + protocol + "\naddress = 127.0.0.1\nport = 0\ntls_certificate = " +
            (folder / "server.pem") + "\ntls_key = " + (folder / "server.key") + "\n" + more
        );
    }

    std::string require() const {
        return "tls_client = require\ntls_ca = " + (folder / "ca.pem") + "\n";
    }

    support::tls_peer::options certificate_of(const std::string& name) const {
        support::tls_peer::options made;
        made.certificate = folder / (name + ".pem");
        made.key = folder / (name + ".key");
        return made;
    }

    /// What a client gets back for "hello"; why it does not.
    std::string ask(const support::tls_peer::options& options) {
        std::string answer;
        against([&] {
            support::tls_peer client(connect(), options);
            if (!client.connect()) {
                answer = "(refused)";
                return;
            }
            client.send("hello");
            answer = client.receive();
            if (answer == "hello") {
                client.end();
                answer += client.receive();
            }
        });
        return answer;
    }

    aio::testing::temporary_folder folder;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(server_tls, with_tls)

BOOST_AUTO_TEST_CASE(case_128_tls_without_client_certificate) {
    start_tls("");
    BOOST_TEST(ask({}) == "hello(end)");
}

BOOST_AUTO_TEST_CASE(case_128_a_required_client_certificate) {
    start_tls(require());
    BOOST_TEST(ask(certificate_of("client")) == "hello(end)");
    BOOST_TEST(ask({}) != "hello(end)");
    BOOST_TEST(ask(certificate_of("stranger")) != "hello(end)");
    BOOST_TEST(logged_with("ERROR") == 0u);
}

BOOST_AUTO_TEST_CASE(case_128_a_requested_client_certificate_may_be_missing_but_not_wrong) {
    start_tls("tls_client = request\ntls_ca = " + (folder / "ca.pem") + "\n");
    BOOST_TEST(ask({}) == "hello(end)");
    BOOST_TEST(ask(certificate_of("client")) == "hello(end)");
    BOOST_TEST(ask(certificate_of("stranger")) != "hello(end)");
}

BOOST_AUTO_TEST_CASE(case_128_old_versions_are_refused) {
    start_tls("tls_min = 1.3\n");
    support::tls_peer::options old;
    old.version = TLS1_2_VERSION;
    BOOST_TEST(ask(old) == "(refused)");
    BOOST_TEST(ask({}) == "hello(end)");
}

BOOST_AUTO_TEST_CASE(callbacks_over_tls) {
    start_tls(require(), "callback_echo");
    BOOST_TEST(ask(certificate_of("client")) == "hello(end)");
    BOOST_TEST(ask({}) != "hello(end)");
}

BOOST_AUTO_TEST_CASE(who_speaks_no_tls_is_closed) {
    start_tls("");
    against([&] {
        support::peer p = connect();
        p.send("GET / HTTP/1.0\r\n\r\n");
        p.end();
        try {
            p.receive_all();
        } catch (const std::system_error&) {
            // a reset is as good
        }
    });
    BOOST_TEST(ask({}) == "hello(end)");
}

BOOST_AUTO_TEST_CASE(a_missing_certificate_fails_the_start) {
    plan("protocol = test.echo\nport = 0\ntls_certificate = /nowhere/c.pem\n");
    try {
        server->prepare();
        BOOST_ERROR("prepared");
    } catch (const std::runtime_error& e) {
        BOOST_TEST(std::string(e.what()).starts_with(
            "Server(test) failed to start: cannot use the certificate /nowhere/c.pem: "
        ));
    }
    stopped = true;
}

BOOST_AUTO_TEST_SUITE_END()
