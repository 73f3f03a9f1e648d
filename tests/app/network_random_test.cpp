// Clients and servers as whole apps in a network that breaks at any moment. Whatever happens, no
// byte is lost or doubled inside a connection, nothing goes on after the stop, and nothing is left.

#include <aio/app/app.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/base/units.hpp>
#include <aio/net/dialing.hpp>
#include <aio/net/poller.hpp>
#include <aio/service/unit.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/fate.hpp>
#include <aio/testing/network.hpp>
#include <aio/testing/run.hpp>
#include <aio/testing/simulate.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using testing::fate;
using testing::fault;
using testing::toward;

namespace {

using numbers = std::function<std::uint64_t()>;
using notes = std::function<void(const std::string& what, std::uint64_t who, std::uint64_t bytes)>;

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

const std::string head = fmt::format(
    "[aio]\nmodule_path =\n    {}/tests/modules\nstop_timeout = 10s\n[logger_root]\nhandlers =\n",
    AIO_BINARY_DIR
);

/// What has happened in all lives together: a test in which nothing happens finds nothing.
struct census {
    std::map<std::string, std::size_t> notes;
    std::size_t connections = 0;
};

/// What the ends of the connections have told.
struct account {
    std::uint64_t begun = 0; ///< bytes given to a write
    std::uint64_t wrote = 0; ///< bytes whose write is over
    std::uint64_t read = 0, echoed = 0;
};

/// One life of both apps.
class life {
  public:
    life(async::loop& home, census& all) : home_(home), dice_(*home.simulation()), all_(all) {}

    task<void> run();

    std::vector<std::string> wrong;

  private:
    std::uint64_t below(std::uint64_t end) { return dice_.random() % end; }

    bool in(std::uint64_t rarity) { return below(rarity) == 0; }

    std::chrono::milliseconds up_to(std::uint64_t most) {
        return std::chrono::milliseconds(below(most + 1));
    }

    template <typename... Args>
    void expect(bool right, fmt::format_string<Args...> otherwise, Args&&... args) {
        if (!right)
            wrong.push_back(fmt::format(otherwise, std::forward<Args>(args)...));
    }

    fate draw();
    testing::fate::way draw_way();
    std::unique_ptr<app::app> make(const std::string& config);
    void note(const std::string& what, std::uint64_t who, std::uint64_t bytes);
    void make_server_text();
    void make_client_text();
    task<void> start_server();
    task<void> stop(std::unique_ptr<app::app>& which, const char* name);
    task<void> trouble();
    task<void> live();
    task<void> recover();
    void check_connections();
    double counted(const app::app& in, const char* unit, std::string_view name) const;

    async::loop& home_;
    async::virtual_clock& dice_;
    census& all_;
    testing::network net_;
    testing::captured_log log_;
    std::string server_text_, client_text_;
    std::unique_ptr<app::app> server_, client_;
    std::map<std::uint64_t, account> accounts_;
    std::uint64_t made_ = 0;
    bool broken_ends_ = false; ///< the network ends connections before their peers do
    bool good_ = false;        ///< nothing goes wrong any more
    std::size_t notes_ = 0;
    std::uint64_t echoed_ = 0; ///< the last connection that had an echo
};

testing::fate::way life::draw_way() {
    fate::way made;
    made.latency = up_to(in(4) ? 400 : 20);
    made.jitter = in(2) ? up_to(60) : 0ms;
    if (in(6))
        made.bandwidth = 5000 + below(100'000);
    if (in(4))
        made.room = 512 + below(3000);
    if (!good_ && in(6)) {
        constexpr fault all[] = {fault::reset, fault::stall, fault::cut, fault::end};
        made.then = all[below(broken_ends_ ? 4 : 3)];
        made.after = below(in(2) ? 20 : 20'000);
    }
    return made;
}

fate life::draw() {
    fate made;
    made.connecting = up_to(in(4) ? 3000 : 50);
    made.patience = 1s + up_to(60'000);
    made.to_server = draw_way();
    made.to_client = draw_way();
    if (!good_ && in(8)) {
        constexpr fate::answer all[] = {
            fate::answer::refuse, fate::answer::silence, fate::answer::unreachable
        };
        made.to_connect = all[below(3)];
    }
    return made;
}

void life::note(const std::string& what, std::uint64_t who, std::uint64_t bytes) {
    ++notes_;
    ++all_.notes[what];
    account& mine = accounts_[who];
    if (what == "writes")
        mine.begun = bytes;
    else if (what == "wrote")
        mine.wrote = bytes;
    else if (what == "read")
        mine.read = bytes;
    else if (what == "echoed")
        mine.echoed = bytes, echoed_ = std::max(echoed_, who);
    else if (what == "read all")
        expect(broken_ends_ || bytes == mine.wrote, "{}: {} of {} read", who, bytes, mine.wrote);
    else if (what == "echoed all")
        expect(
            broken_ends_ || mine.echoed == bytes, "{}: {} of {} echoed", who, mine.echoed, bytes
        );
    else
        wrong.push_back(fmt::format("{}: byte {} is {}", who, bytes, what));
    expect(mine.read <= mine.begun, "{}: {} read, {} sent", who, mine.read, mine.begun);
    expect(mine.echoed <= mine.read, "{}: {} echoed, {} read", who, mine.echoed, mine.read);
}

void life::make_server_text() {
    server_text_ = head + fmt::format(
                              "[supervisor/always]\nmax_restarts = 1000000\nbackoff = 200ms\n"
                              "[server/echo]\nprotocol = probe.{}\nport = 4000\n"
                              "address = {}\nsupervisor = always\nbacklog = {}\n",
                              in(2) ? "wired_echo" : "wired_callbacks",
                              in(2) ? "10.0.0.1" : "*",
                              in(4) ? 1 : 100
                          );
    if (in(4))
        server_text_ += fmt::format("idle_timeout = {}ms\n", 2000 + below(5000));
    if (in(4))
        server_text_ += "max_connections = 1\n";
    if (in(8))
        server_text_ += "when_full = refuse\n";
    if (in(4))
        server_text_ += "linger = 100ms\n";
}

void life::make_client_text() {
    client_text_ = head + fmt::format(
                              "[client/bank]\nprotocol = probe.{}\nport = 4000\n"
                              "address = bank.example\n    10.0.0.9\nwait_connected = no\n"
                              "connections = {}\nbackoff = {}ms\nbackoff_max = 5s\nsteady = 2s\n"
                              "connect_timeout = {}ms\n",
                              in(2) ? "wired_client" : "wired_pusher",
                              1 + below(3),
                              1 + below(500),
                              500 + below(5000)
                          );
    if (in(4))
        client_text_ += fmt::format("idle_timeout = {}ms\n", 2000 + below(5000));
}

std::unique_ptr<app::app> life::make(const std::string& config) {
    auto made = std::make_unique<app::app>(app::configure(config));
    log_.attach(made->logs());
    made->values().set("wired/number", numbers([this] { return ++made_; }));
    made->values().set(
        "wired/note",
        notes([this](const std::string& what, std::uint64_t who, std::uint64_t bytes) {
            note(what, who, bytes);
        })
    );
    return made;
}

task<void> life::start_server() {
    server_ = make(server_text_);
    co_await server_->start();
}

double life::counted(const app::app& in, const char* unit, std::string_view name) const {
    for (const service::statistic& each : in.find(unit)->statistics())
        if (each.name == name)
            return each.value;
    return -1;
}

task<void> life::stop(std::unique_ptr<app::app>& which, const char* name) {
    if (!which)
        co_return;
    const auto begun = home_.time().now();
    const app::outcome end = co_await which->stop();
    const auto took = home_.time().now() - begun;
    expect(end == app::outcome::clean, "{} has not ended well: {}", name, static_cast<int>(end));
    expect(took <= 10s, "the stop of {} took {}", name, base::format(took));
    const char* unit = which == server_ ? "server/echo" : "client/bank";
    const double open = counted(*which, unit, "connections");
    expect(open == 0, "{} has {} connections after its stop", name, open);
    which.reset();
}

/// One thing that goes wrong, or gets well.
task<void> life::trouble() {
    using names = testing::network::names;
    switch (below(9)) {
    case 0:
        net_.reset();
        break;
    case 1:
        net_.stall(in(2) ? toward::server : toward::client);
        break;
    case 2:
        net_.resume();
        break;
    case 3:
        net_.part();
        break;
    case 4:
        net_.heal();
        break;
    case 5:
        net_.resolve(static_cast<names>(below(3)), up_to(2000));
        break;
    case 6:
        if (server_)
            co_await stop(server_, "the server");
        else
            co_await start_server();
        break;
    case 7:
        if (server_)
            server_->crashed(
                "server/echo", std::make_exception_ptr(std::runtime_error("of the test"))
            );
        break;
    default:
        break;
    }
}

task<void> life::live() {
    for (std::uint64_t steps = below(12); steps > 0; --steps) {
        co_await sleep(up_to(in(3) ? 8000 : 300));
        co_await trouble();
    }
}

/// Once nothing goes wrong any more, the client is served again.
task<void> life::recover() {
    good_ = true;
    net_.heal();
    net_.resume();
    co_await sleep(4s); // attempts that have drawn a fate before are over
    net_.reset();       // those that are cut take their time
    net_.resolve(testing::network::names::answered);
    if (!server_)
        co_await start_server();
    const std::uint64_t before = made_;
    const auto begun = net_.begun();
    for (int i = 0; i < 120 && echoed_ <= before; ++i)
        co_await sleep(1s);
    expect(echoed_ > before, "no echo in two minutes, {} connects", net_.begun() - begun);
}

task<void> life::run() {
    net_.name("bank.example", {"10.0.0.9", "10.0.0.1"});
    net_.decide([this](const net::address&, std::uint64_t) { return draw(); });
    net::dialing::of(home_).use(net_.seam());
    broken_ends_ = in(4);
    make_server_text();
    make_client_text();
    if (in(2))
        co_await start_server();
    client_ = make(client_text_);
    co_await client_->start();
    co_await live();
    if (in(2))
        co_await recover();
    if (in(2))
        co_await stop(server_, "the server");
    co_await stop(client_, "the client");
    co_await stop(server_, "the server");
    all_.connections += made_;
    const std::size_t last = notes_;
    expect(net_.connections() == 0, "{} connections are left", net_.connections());
    expect(net_.connecting() == 0, "{} attempts are left", net_.connecting());
    expect(net_.listeners() == 0, "{} listeners are left", net_.listeners());
    co_await sleep(1h);
    expect(notes_ == last, "it goes on after the stop");
}

task<void> one_life(census& all) {
    async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
    co_await sleep(0s); // what runs this has suspended
    (void)net::poller::of(home);
    const std::size_t tasks = home.snapshot().size();
    const std::size_t timers = home.timers();
    const std::size_t descriptors = open_descriptors();
    std::vector<std::string> wrong;
    {
        life drawn(home, all);
        co_await drawn.run();
        wrong = drawn.wrong;
    }
    const auto left = [&](const char* what, std::size_t now, std::size_t before) {
        if (now != before)
            wrong.push_back(fmt::format("{} {}, {} at first", now, what, before));
    };
    left("tasks", home.snapshot().size(), tasks);
    left("timers", home.timers(), timers);
    left("descriptors", open_descriptors(), descriptors);
    if (!wrong.empty())
        throw std::runtime_error(
            fmt::format("{} ({} things are wrong)", wrong.front(), wrong.size())
        );
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_network_random)

BOOST_AUTO_TEST_CASE(no_byte_is_lost_and_nothing_is_left_whatever_breaks) {
    census all;
    testing::simulate([&all] { return one_life(all); }, 200);
    if (std::getenv("AIO_SEED"))
        return; // one life need not see everything
    BOOST_TEST(all.connections > 100u);
    for (const char* each : {"read", "echoed", "read all", "echoed all"})
        BOOST_TEST(all.notes[each] > 10u, each << " " << all.notes[each]);
}

BOOST_AUTO_TEST_SUITE_END()
