// A lack of memory ends one connection, and not the app.

#include "../support/scripted_memory.hpp"
#include "timed.hpp"

#include <aio/testing/temporary_folder.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using plain = std::unique_ptr<support::peer>;

aio::task<void> fail_on_data(aio::net::stream stream) {
    while (co_await stream.read())
        throw std::runtime_error("it has failed for a reason that needs memory for its text");
}

struct short_of_memory : support::timed {
    short_of_memory() {
        module.protocol("echo", support::echo);
        module.protocol<support::callback_echo>("callback_echo");
        module.protocol("fail_on_data", fail_on_data);
    }

    /// Lets the first allocation fail that follows `arrives`, then the second, and so on until
    /// there are no more. Each time the loop goes on.
    template <typename Client>
    void each_allocation_fails(
        const std::function<Client()>& begin, const std::function<void(Client&)>& arrives
    ) {
        std::vector<Client> busy; // each has what the loop keeps for the next coroutine
        const auto connect_one = [&] {
            Client client = begin();
            arrives(client);
            settle();
            busy.push_back(std::move(client));
        };
        bool failed = true;
        for (std::size_t count = 0; failed && count < 1000; ++count) {
            connect_one();
            connect_one();
            Client client = begin();
            arrives(client);
            failed = turns_without(count);
        }
        BOOST_TEST(!failed);
    }

    /// Of one connection that is served.
    plain served() {
        auto client = std::make_unique<support::peer>(connect());
        settle();
        return client;
    }

    /// Whether an allocation has failed.
    bool turns_without(std::size_t count) {
        const test::one_failed_allocation lack(count);
        try {
            for (int i = 0; i < 5; ++i)
                loop.poll();
        } catch (const std::exception& e) {
            const bool failed = test::one_failed_allocation::has_failed();
            BOOST_ERROR("left the loop after " << count << " allocations: " << e.what());
            return failed;
        }
        return test::one_failed_allocation::has_failed();
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(memory, short_of_memory)

BOOST_AUTO_TEST_CASE(a_connection_that_cannot_be_served_after_its_header_is_dropped) {
    for (const std::string protocol : {"echo", "callback_echo"}) {
        serve(protocol, "proxy_protocol = required\nproxy_from = 127.0.0.1\n");
        each_allocation_fails<plain>(
            [this] { return served(); },
            [](plain& client) {
                client->send("PROXY TCP4 192.0.2.7 127.0.0.1 4242 80\r\n");
                client->arrived();
            }
        );
        BOOST_TEST(open() > 1u);
    }
    BOOST_TEST(logged_with("cannot serve a connection and closes it: out of memory") == 2u);
}

BOOST_AUTO_TEST_CASE(a_connection_closes_without_memory) {
    for (const std::string protocol : {"echo", "callback_echo"}) {
        serve(protocol);
        each_allocation_fails<plain>(
            [this] {
                plain client = served();
                client->send(std::string(1 << 16, 'x')); // and does not read the answer
                settle();
                return client;
            },
            [](plain& client) { client->end(); }
        );
    }
}

BOOST_AUTO_TEST_CASE(the_error_of_a_connection_ends_it_alone_without_memory) {
    serve("fail_on_data");
    each_allocation_fails<plain>(
        [this] { return served(); },
        [](plain& client) {
            client->send("x");
            client->arrived();
        }
    );
    BOOST_TEST(open() == 0u);
}

BOOST_AUTO_TEST_CASE(a_stop_needs_no_memory) {
    for (std::size_t count = 0; count < 20; ++count) {
        serve("echo");
        std::vector<plain> clients;
        for (int i = 0; i < 3; ++i) {
            clients.push_back(served());
            clients.back()->send(std::string(1 << 16, 'x'));
            settle();
        }
        {
            const test::one_failed_allocation lack(count);
            server->begin_stop();
            for (int i = 0; i < 5; ++i)
                loop.poll();
        }
        clients.clear();
        stop();
    }
}

BOOST_AUTO_TEST_SUITE_END()
