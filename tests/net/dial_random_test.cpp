// connect() over a scripted resolver and connector: whatever comes in whatever order, each attempt
// ends, and one result comes out.
#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/net/connect.hpp>
#include <aio/net/dialing.hpp>
#include <aio/testing/case.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using net::address;

namespace {

struct counts {
    std::size_t begun = 0, alive = 0, most_alive = 0, taken = 0;
};

/// Connects, fails or keeps silent, as the seed says.
class scripted_connector final : public net::connector {
  public:
    explicit scripted_connector(counts& noted) : noted_(noted) {}

    std::unique_ptr<attempt> begin(
        async::loop& home,
        const address&,
        const net::client_socket_options&,
        outcome& told,
        std::size_t number
    ) override {
        return std::make_unique<scripted>(home, told, number, noted_);
    }

  private:
    class scripted final : public attempt, private async::timer {
      public:
        scripted(async::loop& home, outcome& told, std::size_t number, counts& noted)
            : home_(home), told_(told), number_(number), noted_(noted),
              fate_(home.simulation()->random() % 3) {
            ++noted_.begun;
            noted_.most_alive = std::max(noted_.most_alive, ++noted_.alive);
            if (fate_ != 2)
                home_.add_timer(
                    *this,
                    home_.now() + std::chrono::milliseconds(home.simulation()->random() % 12) * 50
                );
        }

        ~scripted() override {
            home_.remove_timer(*this);
            --noted_.alive;
        }

        net::stream take() override {
            BOOST_TEST(fate_ == 0u);
            ++noted_.taken;
            return {};
        }

      private:
        void fire() override {
            if (fate_ == 0)
                told_.connected(number_);
            else
                told_.failed(number_, ECONNREFUSED);
        }

        async::loop& home_;
        outcome& told_;
        std::size_t number_;
        counts& noted_;
        std::uint64_t fate_;
    };

    counts& noted_;
};

struct scripted_resolver final : net::resolver {
    task<std::vector<address>> resolve(std::string, std::uint16_t port, net::family) override {
        auto& dice = *async::loop::of(co_await boost::asio::this_coro::executor)->simulation();
        if (dice.random() % 2)
            co_await async::sleep(std::chrono::milliseconds(dice.random() % 1500));
        std::vector<address> found;
        for (std::uint64_t i = 0, n = dice.random() % 24; i < n; ++i)
            found.push_back(*address::parse(
                (dice.random() % 2 ? "10.0.0." : "::") + std::to_string(1 + dice.random() % 30),
                port
            ));
        co_return found;
    }
};

enum class end { none, connected, failed, cancelled };

task<void> dial(end& result, net::connect_options options) {
    try {
        co_await net::connect("bank:80", options);
        result = end::connected;
    } catch (const boost::system::system_error& e) {
        BOOST_TEST((e.code() == boost::asio::error::operation_aborted));
        result = end::cancelled;
    } catch (const std::system_error& e) {
        BOOST_TEST(std::string(e.what()).starts_with("bank:80: "));
        BOOST_TEST(e.code().value() != 0);
        result = end::failed;
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(dial_random)

AIO_SIMULATED_TEST_CASE(each_dial_has_one_end_and_leaves_nothing, 3000) {
    async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
    auto& dice = *home.simulation();
    const std::size_t timers_before = home.timers();
    counts noted;
    scripted_resolver names;
    scripted_connector sockets(noted);
    net::dialing::of(home).use(&names, &sockets);
    const auto limit = std::chrono::milliseconds(1 + dice.random() % 4000);
    net::connect_options options;
    options.timeout(limit);
    if (dice.random() % 4 == 0)
        options.attempt_delay({});
    else
        options.attempt_delay(std::chrono::milliseconds(dice.random() % 500));

    end result = end::none;
    async::task_group group(home);
    const auto start = home.now();
    const bool cancels = dice.random() % 3 == 0;
    group.spawn("dial", dial(result, options));
    if (cancels) {
        co_await async::sleep(std::chrono::milliseconds(dice.random() % 3000));
        group.cancel();
    }
    co_await group.join();

    BOOST_TEST((result != end::none));
    BOOST_TEST((result != end::cancelled || cancels));
    BOOST_TEST(noted.taken == (result == end::connected ? 1u : 0u));
    BOOST_TEST(noted.alive == 0u);
    BOOST_TEST(noted.most_alive <= 6u);
    BOOST_TEST((cancels || home.now() - start <= limit));
    BOOST_TEST(home.timers() == timers_before);
    net::dialing::of(home).use(nullptr, nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
