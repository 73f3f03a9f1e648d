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

struct short_of_memory : support::timed {
    short_of_memory() {
        module.protocol("echo", support::echo);
        module.protocol<support::callback_echo>("callback_echo");
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
        BOOST_TEST(open() > 1u);
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

using plain = std::unique_ptr<support::peer>;
using secure = std::unique_ptr<support::tls_peer>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(memory, short_of_memory)

BOOST_AUTO_TEST_CASE(a_connection_that_cannot_be_served_after_its_header_is_dropped) {
    for (const std::string protocol : {"echo", "callback_echo"}) {
        serve(protocol, "proxy_protocol = required\nproxy_from = 127.0.0.1\n");
        each_allocation_fails<plain>(
            [this] {
                auto client = std::make_unique<support::peer>(connect());
                settle();
                return client;
            },
            [](plain& client) {
                client->send("PROXY TCP4 192.0.2.7 127.0.0.1 4242 80\r\n");
                client->arrived();
            }
        );
    }
    BOOST_TEST(logged_with("cannot serve a connection and closes it: out of memory") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
