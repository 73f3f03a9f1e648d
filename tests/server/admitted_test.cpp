// Which connections a server lets in, by its options.

#include "../net/accepted_option.hpp"
#include "timed.hpp"

#include <aio/testing/temporary_folder.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

/// By a class with a call operator.
struct polite {
    aio::task<void> operator()(aio::net::stream s) const { return support::echo(std::move(s)); }

    std::string refused() const { return word; }

    std::string word = "full, sorry\n";
};

/// By a class with callbacks, which knows its server.
struct callback_polite final : support::callback_echo {
    callback_polite() { ++made; }

    static std::string refused(const aio::server::context& server) {
        return server.name() + " is full\n";
    }

    static inline int made = 0;
};

struct broken final : support::callback_echo {
    static std::string refused() { throw std::runtime_error("no words"); }
};

/// What it throws is no std::exception.
struct rude {
    aio::task<void> operator()(aio::net::stream s) const { return support::echo(std::move(s)); }

    std::string refused() const { throw 42; }
};

struct mistaken {
    aio::task<void> operator()(aio::net::stream s) const { return support::echo(std::move(s)); }

    std::string refused() const { throw aio::base::mistake("each time"); }
};

constexpr const char* of_one = "max_connections = 1\nwhen_full = refuse\n";

struct admitted : support::timed {
    admitted() {
        module.protocol("polite", polite{});
        module.protocol("verbose", polite{std::string(4097, 'x')});
        module.protocol<callback_polite>("callback_polite");
        module.protocol<broken>("broken");
        module.protocol("rude", rude{});
        module.protocol("mistaken", mistaken{});
        module.protocol("echo", support::echo);
        module.protocol<support::callback_echo>("callback_echo");
    }

    support::peer from(const std::string& source) {
        aio::net::socket made{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        const auto own = *aio::net::address::parse(source, 0);
        const auto target = *aio::net::address::parse_with_port(endpoint());
        if (::bind(made.get(), own.raw(), own.size()) != 0 ||
            ::connect(made.get(), target.raw(), target.size()) != 0)
            throw std::system_error(errno, std::system_category(), "connect from " + source);
        support::peer out(std::move(made));
        settle();
        return out;
    }

    /// Whether the server answers; false: it has reset the connection.
    bool served(support::peer& client) {
        ::send(client.fd(), "x", 1, MSG_NOSIGNAL);
        settle();
        try {
            return client.receive_exactly(1) == "x";
        } catch (const std::system_error& failed) {
            BOOST_TEST(failed.code().value() == ECONNRESET);
            return false;
        }
    }

    bool lets_in(const std::string& source) {
        support::peer client = from(source);
        return served(client);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(admitted_, admitted)

BOOST_AUTO_TEST_CASE(allow_and_deny_decide_by_the_address) {
    const struct {
        std::string options;
        std::map<std::string, bool> clients;
    } all[] = {
        {"", {{"127.0.0.1", true}, {"127.1.0.1", true}}},
        {"allow = 127.1.0.0/16\n", {{"127.0.0.1", false}, {"127.1.0.1", true}}},
        {"deny = 127.1.0.0/16 10.0.0.0/8\n", {{"127.0.0.1", true}, {"127.1.0.1", false}}},
        {"allow = 127.0.0.0/8\ndeny = 127.1.0.1\n",
         {{"127.0.0.1", true}, {"127.1.0.1", false}, {"127.1.0.2", true}}},
        {"allow = ::1\n", {{"127.0.0.1", false}}},
    };

    for (const char* protocol : {"echo", "callback_echo"})
        for (const auto& each : all) {
            serve(protocol, each.options);
            double refused = 0;
            for (const auto& [client, in] : each.clients) {
                BOOST_TEST(lets_in(client) == in, each.options << client);
                refused += in ? 0 : 1;
            }
            BOOST_TEST(count("refused_net") == refused);
            BOOST_TEST(count("accepted") == static_cast<double>(each.clients.size()) - refused);
        }
    BOOST_TEST(
        logged_with("refuses connections: the addresses are not permitted: 1 from 127.0.0.1") == 4u
    );
}

BOOST_AUTO_TEST_CASE(a_client_has_its_number_of_connections) {
    for (const char* protocol : {"echo", "callback_echo"}) {
        serve(protocol, "address_connections = 2\n");
        support::peer first = from("127.0.0.1"), second = from("127.0.0.1");
        support::peer third = from("127.0.0.1"), other = from("127.0.0.2");
        BOOST_TEST(served(first));
        BOOST_TEST(served(second));
        BOOST_TEST(!served(third));
        BOOST_TEST(served(other));
        BOOST_TEST(count("refused_address") == 1);
        first.end();
        until([&] { return count("connections") == 2; });
        BOOST_TEST(lets_in("127.0.0.1"));
    }
}

BOOST_AUTO_TEST_CASE(the_prefix_makes_neighbours_one_client) {
    serve("echo", "address_connections = 1\naddress_prefix = 24 48\n");
    support::peer first = from("127.0.0.1");
    BOOST_TEST(!lets_in("127.0.0.2"));
    BOOST_TEST(lets_in("127.0.1.2"));
    BOOST_TEST(logged_with("allows: 1 from 127.0.0.0/24") == 1u);
}

BOOST_AUTO_TEST_CASE(a_client_has_its_rate) {
    serve("echo", "address_rate = 1/s\n");
    for (int i = 0; i < 10; ++i)
        BOOST_TEST(lets_in("127.0.0.1"));
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(!lets_in("127.0.0.1"));
    BOOST_TEST(lets_in("127.0.0.2"));
    BOOST_TEST(count("refused_rate") == 3);
    BOOST_TEST(logged_with("the clients connect faster than address_rate allows") == 1u);
    pass(1s);
    BOOST_TEST(lets_in("127.0.0.1"));
    BOOST_TEST(!lets_in("127.0.0.1"));
}

BOOST_AUTO_TEST_CASE(connections_beyond_accept_rate_wait) {
    serve("echo", "accept_rate = 2/s\n");
    std::vector<support::peer> all;
    for (int i = 0; i < 5; ++i)
        all.push_back(from("127.0.0.1"));
    BOOST_TEST(open() == 2u);
    pass(499ms);
    BOOST_TEST(open() == 2u);
    pass(1ms);
    BOOST_TEST(open() == 3u);
    all[0].close(); // a connection that ends makes no difference
    settle();
    BOOST_TEST(open() == 2u);
    pass(500ms);
    BOOST_TEST(open() == 3u);
    pass(500ms);
    BOOST_TEST(open() == 4u);
    BOOST_TEST(served(all[4]));
}

BOOST_AUTO_TEST_CASE(a_full_server_can_refuse) {
    serve("echo", "max_connections = 1\nwhen_full = refuse\n");
    support::peer first = from("127.0.0.1");
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(from("127.0.0.1").receive() == ""); // its end, at once
    BOOST_TEST(served(first));
    BOOST_TEST(count("refused_full") == 3);
    BOOST_TEST(count("accepted") == 1);
    BOOST_TEST(logged_with("refuses connections: it has as many as max_connections allows") == 1u);
    BOOST_TEST(logged_with("is full") == 0u);
    first.close();
    until([this] { return open() == 0; });
    BOOST_TEST(lets_in("127.0.0.1"));
}

BOOST_AUTO_TEST_CASE(a_full_server_says_the_last_word_of_its_protocol) {
    const std::map<std::string, std::string> words = {
        {"polite", "full, sorry\n"}, {"callback_polite", "test is full\n"}
    };
    for (const auto& [protocol, word] : words) {
        serve(protocol, of_one);
        support::peer first = from("127.0.0.1");
        BOOST_TEST(served(first));
        const int made = callback_polite::made;
        for (const char* sent : {"", "a question that nobody reads"}) {
            support::peer client = from("127.0.0.1");
            client.send(sent);
            settle();
            BOOST_TEST(client.receive_all() == word);
            client.close();
        }
        BOOST_TEST(count("refused_full") == 2);
        BOOST_TEST(callback_polite::made == made);
        BOOST_TEST(open() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(a_refused_client_that_does_not_end_is_closed_within_bounds) {
    serve("polite", of_one);
    support::peer first = from("127.0.0.1");
    support::peer silent = from("127.0.0.1"), talker = from("127.0.0.1");
    pass(900ms);
    silent.send("x");
    silent.arrived();
    settle();
    silent.send("y"); // still taken
    BOOST_CHECK_THROW(
        for (int i = 0; i < 1000; ++i) {
            talker.send(std::string(4096, 'x'));
            settle();
        },
        std::system_error
    );
    pass(200ms);
    settle();
    silent.send("x");
    BOOST_CHECK_THROW(
        for (int i = 0; i < 1000; ++i) {
            ::usleep(1000);
            silent.send("x");
        },
        std::system_error
    );
    BOOST_TEST(served(first));
}

BOOST_AUTO_TEST_CASE(only_so_many_refused_clients_are_waited_for) {
    serve("polite", of_one);
    support::peer first = from("127.0.0.1");
    std::vector<support::peer> all;
    for (int i = 0; i < 70; ++i)
        all.push_back(from("127.0.0.1"));
    int closed = 0;
    for (support::peer& each : all) {
        BOOST_TEST(each.receive_all() == "full, sorry\n");
        ::send(each.fd(), "x", 1, MSG_NOSIGNAL);
        ::usleep(1000); // for a reset
        closed += ::send(each.fd(), "x", 1, MSG_NOSIGNAL) < 0;
    }
    BOOST_TEST(closed == 6);
    BOOST_TEST(count("refused_full") == 70);
    server->begin_stop(); // waits for none of them
    settle();
    BOOST_TEST(all.front().receive() == "");
}

BOOST_AUTO_TEST_CASE(a_full_server_says_nothing_to_whom_it_does_not_let_in) {
    serve("polite", std::string(of_one) + "deny = 127.1.0.0/16\n");
    support::peer first = from("127.0.0.1");
    BOOST_TEST(from("127.1.0.1").receive_all() == "");
    BOOST_TEST(from("127.0.0.1").receive_all() == "full, sorry\n");
}

BOOST_AUTO_TEST_CASE(a_last_word_that_cannot_be_said_is_reported) {
    for (const char* protocol : {"broken", "verbose"}) {
        serve(protocol, of_one);
        support::peer first = from("127.0.0.1");
        for (int i = 0; i < 3; ++i)
            BOOST_TEST(from("127.0.0.1").receive_all() == "");
        BOOST_TEST(served(first));
    }
    BOOST_TEST(logged_with("cannot say the last word of its protocol: no words") == 1u);
    BOOST_TEST(
        logged_with("its protocol: refused() of the protocol gives 4097 bytes, more than 4096") ==
        1u
    );
}

BOOST_AUTO_TEST_CASE(a_last_word_may_throw_anything) {
    serve("rude", of_one);
    support::peer first = from("127.0.0.1");
    BOOST_TEST(from("127.0.0.1").receive_all() == "");
    BOOST_TEST(served(first));
    BOOST_TEST(crashes == 0);
    serve("mistaken", of_one);
    support::peer second = from("127.0.0.1");
    for (int i = 0; i < 2; ++i)
        BOOST_TEST(from("127.0.0.1").receive_all() == "");
    BOOST_TEST(crashes == 1);
    BOOST_TEST(logged_with("cannot say the last word of its protocol: each time") == 1u);
}

BOOST_AUTO_TEST_CASE(a_refused_connection_takes_no_place) {
    serve("echo", "max_connections = 2\naddress_connections = 1\n");
    support::peer first = from("127.0.0.1");
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(!lets_in("127.0.0.1"));
    BOOST_TEST(lets_in("127.0.0.2"));
}

BOOST_AUTO_TEST_CASE(counts_are_kept_over_a_restart_of_the_unit) {
    serve("echo", "deny = 127.1.0.0/16\n");
    lets_in("127.1.0.1");
    server->begin_stop();
    run(server->wait_stopped());
    run(server->start());
    lets_in("127.1.0.1");
    BOOST_TEST(count("refused_net") == 2);
}

BOOST_AUTO_TEST_CASE(connections_inherit_the_limit_of_what_is_unsent) {
    const struct {
        const char* option;
        int bytes;
    } all[] = {{"", 128 << 10}, {"unsent = 64k\n", 64 << 10}, {"unsent = none\n", 0}};

    for (const auto& each : all) {
        serve("echo", each.option);
        support::peer client = from("127.0.0.1");
        const int set = support::accepted_option(client, IPPROTO_TCP, TCP_NOTSENT_LOWAT);
        BOOST_TEST(set == each.bytes);
    }
}

BOOST_AUTO_TEST_CASE(a_silent_connection_is_not_accepted_with_defer_accept) {
    serve("echo", "defer_accept = yes\n");
    support::peer silent = from("127.0.0.1"), talking = from("127.0.0.1");
    BOOST_TEST(open() == 0u);
    BOOST_TEST(served(talking));
    BOOST_TEST(open() == 1u);
}

BOOST_AUTO_TEST_CASE(the_peer_of_a_closed_connection_has_the_time_of_linger) {
    module.protocol("once", [](aio::net::stream s) -> aio::task<void> {
        co_await s.write("once");
    });
    serve("once", "linger = 500ms\n");
    support::peer client = connect();
    client.send("unread");
    client.arrived();
    settle();
    pass(400ms);
    BOOST_TEST(open() == 1u);
    pass(200ms);
    BOOST_TEST(open() == 0u);
    BOOST_TEST(client.receive_all() == "once");
}

BOOST_AUTO_TEST_CASE(a_handshake_has_the_time_of_its_option) {
    aio::testing::temporary_folder folder;
    support::write_certificates(folder);
    serve(
        "echo",
        "handshake_timeout = 3s\ntls_certificate = " + (folder / "server.pem") +
            "\ntls_key = " + (folder / "server.key") + "\n"
    );
    support::peer client = from("127.0.0.1");
    pass(2900ms);
    BOOST_TEST(open() == 1u);
    pass(200ms);
    BOOST_TEST(open() == 0u);
    BOOST_TEST(count("handshakes_failed") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
