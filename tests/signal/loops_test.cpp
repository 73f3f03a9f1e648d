// Everything at once, from four threads: for the sanitizers most of all.

#include "../async/run.hpp"

#include <aio/async/hop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/signal/bus.hpp>
#include <aio/signal/typed.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
namespace signal_ = aio::signal;
using signal_::event;
using signal_::listen_options;

namespace {

constexpr std::size_t loops = 4;
constexpr int rounds = 100;

/// What lives on one loop: it emits by name and by a typed signal, and hears all the others.
struct service {
    aio::async::loop* home = nullptr;
    signal_::typed<int, std::string> ticked{*this};
    int named = 0; ///< touched on its loop only
    int typed = 0;
    int queued = 0;
};

struct fixture {
    aio::async::loop main{"main", 0};
    std::array<std::unique_ptr<aio::async::loop>, loops> others;
    std::vector<std::thread> threads;
    signal_::bus signals{main};
    std::array<service, loops> all;
    std::vector<signal_::scoped_connection> connections;

    fixture() {
        all[0].home = &main;
        for (std::size_t i = 1; i < loops; ++i) {
            others[i] = std::make_unique<aio::async::loop>("loop-" + std::to_string(i), i);
            all[i].home = others[i].get();
            threads.emplace_back([one = others[i].get()] { one->run(); });
        }
        for (service& one : all)
            listen(one);
    }

    ~fixture() {
        for (std::size_t i = 1; i < loops; ++i)
            others[i]->stop();
        for (std::thread& one : threads)
            one.join();
    }

    void listen(service& listener) {
        listen_options how(*listener.home);
        signals.listen("round", [&listener](const event&) { ++listener.named; }, how);
        how.queue = 4;
        how.policy = signal_::queue_policy::wait;
        signals.listen(
            "round",
            [&listener](event) -> aio::task<void> {
                co_await aio::sleep(0s);
                ++listener.queued;
            },
            how
        );
        for (service& other : all)
            connections.push_back(other.ticked.connect(
                [&listener](int, std::string) -> aio::task<void> {
                    ++listener.typed;
                    co_return;
                },
                signal_::connect_options(*listener.home)
            ));
    }

    aio::task<void> emit_all(service& emitter) {
        for (int i = 0; i < rounds; ++i) {
            co_await signals.emit("round", i);
            co_await emitter.ticked.emit(i, "text");
            signals.post("posted", i);
            const auto id =
                signals.listen("other", [](const event&) {}, listen_options(*emitter.home));
            co_await signals.emit("other");
            signals.unlisten(id);
            emitter.ticked.connect([](int, const std::string&) {}).disconnect();
        }
    }

    aio::task<void> work(service& emitter) {
        co_await aio::async::on(*emitter.home, [this, &emitter] { return emit_all(emitter); });
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(loops_, fixture)

BOOST_AUTO_TEST_CASE(services_on_four_loops_emit_to_each_other) {
    test::run(main, [&]() -> aio::task<void> {
        aio::async::task_group group(main);
        for (service& one : all)
            group.spawn("service", work(one));
        co_await group.join();
        co_await signals.drained();
        co_await signals.posted();
    });
    constexpr int each = static_cast<int>(loops) * rounds;
    for (const service& one : all) {
        BOOST_TEST(one.named == each);
        BOOST_TEST(one.typed == each);
        BOOST_TEST(one.queued == each);
    }
    for (const auto& one : signals.statistics())
        if (one.name == "round") {
            BOOST_TEST(one.emits == static_cast<std::uint64_t>(each));
            BOOST_TEST(one.deliveries == static_cast<std::uint64_t>(each) * 2 * loops);
            BOOST_TEST(one.queues.size() == loops);
        }
}

BOOST_AUTO_TEST_SUITE_END()
