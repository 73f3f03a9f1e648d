// A lack of memory ends one dial, and not the loop.

#include "../support/scripted_memory.hpp"
#include "fixture.hpp"

#include <aio/net/connect.hpp>

#include <sys/socket.h>

#include <cstddef>
#include <exception>
#include <new>

using aio::task;
using namespace aio::net;

namespace {

struct dials_without_memory : support::loop_under_test {
    dials_without_memory() {
        BOOST_REQUIRE(::bind(server.get(), at.raw(), at.size()) == 0);
        BOOST_REQUIRE(::listen(server.get(), 128) == 0);
        at = local_address(server.get());
    }

    task<void> dial() {
        const stream made = co_await aio::net::connect(at.text());
        ++connected;
    }

    /// Whether an allocation has failed after `count` others.
    bool turns_without(std::size_t count) {
        const test::one_failed_allocation lack(count);
        try {
            for (int i = 0; i < 5; ++i)
                loop.poll();
        } catch (const std::exception& e) {
            BOOST_ERROR("left the loop after " << count << " allocations: " << e.what());
        }
        return test::one_failed_allocation::has_failed();
    }

    address at = *address::parse("127.0.0.1", 0);
    aio::net::socket server = open_socket(AF_INET, SOCK_STREAM);
    std::size_t connected = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(connect_memory, dials_without_memory)

BOOST_AUTO_TEST_CASE(what_becomes_of_an_attempt_needs_no_memory_of_the_loop) {
    std::size_t ended = 0;
    bool failed = true;
    for (std::size_t count = 0; failed && count < 1000; ++count) {
        group.spawn("dial", dial());
        failed = turns_without(count);
        try {
            finish();
        } catch (const std::bad_alloc&) {
            ++ended;
        }
    }
    BOOST_TEST(!failed);
    BOOST_TEST(connected > 0u);
    BOOST_TEST_MESSAGE(ended << " dials ended without memory, " << connected << " did not");
}

BOOST_AUTO_TEST_SUITE_END()
