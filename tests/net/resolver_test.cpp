#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/net/error.hpp>
#include <aio/net/resolver.hpp>
#include <aio/testing/case.hpp>
#include <aio/testing/run.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <netdb.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using net::address;
using net::family;
using net::system_resolver;

namespace {

// What the lookups of a test answer. A lookup of "slow" waits until the door is open.
struct answers {
    std::vector<address> look_up(const std::string& name, family wanted) {
        std::unique_lock lock(mutex);
        ++asked[name];
        changed.notify_all();
        if (name == "slow")
            changed.wait(lock, [this] { return open; });
        if (wanted == family::v6)
            return {*address::parse("::1", 0)};
        if (const auto error = errors.find(name); error != errors.end())
            throw std::system_error(
                error->second, net::resolver_category(), "cannot resolve '" + name + "'"
            );
        if (name == "empty")
            return {};
        return {*address::parse("::1", 0), *address::parse("10.0.0.1", 0)};
    }

    void let_go() {
        const std::lock_guard lock(mutex);
        open = true;
        changed.notify_all();
    }

    void await_lookup(const std::string& name) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return asked[name] > 0; });
    }

    int count(const std::string& name) {
        const std::lock_guard lock(mutex);
        return asked[name];
    }

    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
    std::map<std::string, int> asked;
    std::map<std::string, int> errors;
};

struct fixture {
    void make(async::loop& home) {
        resolver.emplace(
            *pool,
            home.simulation() ? home.time() : time,
            [this](const std::string& text) { warnings.push_back(text); },
            rules,
            [known = known](const std::string& name, family wanted) {
                return known->look_up(name, wanted);
            }
        );
    }

    task<std::string> ask(std::string name, family wanted = family::none) {
        try {
            std::string made;
            for (const address& each : co_await resolver->resolve(name, 80, wanted))
                made += (made.empty() ? "" : " ") + each.text();
            co_return made;
        } catch (const boost::system::system_error& e) {
            co_return e.code() == boost::asio::error::operation_aborted ? "aborted" : e.what();
        } catch (const std::exception& e) {
            co_return e.what();
        }
    }

    task<void> note(std::string name) { heard.push_back(co_await ask(name)); }

    /// Ends what waits for the door, then the threads.
    ~fixture() { known->let_go(); }

    async::real_clock time; ///< the fixture outlives the loop
    std::shared_ptr<answers> known = std::make_shared<answers>();
    net::name_cache::rules rules;
    std::vector<std::string> warnings;
    std::vector<std::string> heard;
    std::unique_ptr<async::worker_pool> pool =
        std::make_unique<async::worker_pool>(2, "lookup", 10, async::begun_calls::left);
    std::optional<system_resolver> resolver;
};

task<async::loop*> here() {
    co_return async::loop::of(co_await boost::asio::this_coro::executor);
}

const std::string both = "[::1]:80 10.0.0.1:80";

} // namespace

BOOST_AUTO_TEST_SUITE(resolver_)

AIO_FIXTURE_TEST_CASE(a_name_becomes_its_addresses_with_the_port, fixture) {
    make(*co_await here());
    BOOST_TEST(co_await ask("bank.example") == both);
    BOOST_TEST(co_await ask("bank.example", family::v6) == "[::1]:80");
}

AIO_FIXTURE_TEST_CASE(an_address_needs_no_thread, fixture) {
    make(*co_await here());
    BOOST_TEST(co_await ask("10.0.0.7") == "10.0.0.7:80");
    BOOST_TEST(co_await ask("::7") == "[::7]:80");
    BOOST_TEST(co_await ask("10.0.0.7", family::v6) == "10.0.0.7 is not an IPv6 address");
    BOOST_TEST(co_await ask("::7", family::v4) == "::7 is not an IPv4 address");
    BOOST_TEST(co_await ask("fe80::1%eth77") == "fe80::1%eth77: there is no interface 'eth77'");
    BOOST_TEST(known->asked.empty());
}

AIO_FIXTURE_TEST_CASE(what_is_no_host_name_reaches_no_resolver, fixture) {
    make(*co_await here());
    for (const std::string& name :
         {std::string(),
          std::string("a b"),
          std::string("*"),
          std::string("bank\0.evil", 10),
          std::string(300, 'a'),
          std::string("256.1.1.1")})
        BOOST_TEST((co_await ask(name)).starts_with("cannot resolve '"));
    BOOST_TEST(known->asked.empty());
}

AIO_FIXTURE_TEST_CASE(all_who_ask_for_a_name_share_one_lookup, fixture) {
    async::loop& home = *co_await here();
    make(home);
    async::task_group group(home);
    for (int i = 0; i < 100; ++i)
        group.spawn("ask", note(i % 2 ? "slow" : "SLOW"));
    known->await_lookup("slow");
    BOOST_TEST(co_await ask("bank.example") == both); // the other thread is free
    BOOST_TEST(heard.empty());
    known->let_go();
    co_await group.join();
    BOOST_TEST(heard == std::vector<std::string>(100, both));
    BOOST_TEST(known->count("slow") == 1);
    BOOST_TEST(co_await ask("slow") == both);
    BOOST_TEST(known->count("slow") == 1);
}

AIO_FIXTURE_TEST_CASE(one_who_is_cancelled_leaves_at_once_and_the_answer_is_kept, fixture) {
    async::loop& home = *co_await here();
    make(home);
    async::task_group first(home), second(home);
    first.spawn("begins", note("slow"));
    second.spawn("waits", note("slow"));
    known->await_lookup("slow");
    first.cancel();
    co_await first.join();
    BOOST_TEST(heard == std::vector<std::string>{"aborted"});
    known->let_go();
    co_await second.join();
    BOOST_TEST(heard.back() == both);
    BOOST_TEST(co_await ask("slow") == both);
    BOOST_TEST(known->count("slow") == 1);
}

AIO_FIXTURE_TEST_CASE(the_answer_to_a_lookup_that_all_have_left_is_kept, fixture) {
    async::loop& home = *co_await here();
    make(home);
    async::task_group group(home);
    group.spawn("begins", note("slow"));
    known->await_lookup("slow");
    group.cancel();
    co_await group.join();
    async::task_group later(home);
    later.spawn("waits", note("slow"));
    known->let_go();
    co_await later.join();
    BOOST_TEST(heard.back() == both);
    BOOST_TEST(known->count("slow") == 1);
}

AIO_FIXTURE_TEST_CASE(a_resolver_that_keeps_silent_ends_the_wait_but_not_the_lookup, fixture) {
    rules.timeout = 10ms;
    make(*co_await here());
    BOOST_TEST(co_await ask("slow") == "cannot resolve 'slow': no answer within 10ms");
    BOOST_TEST(co_await ask("slow") == "cannot resolve 'slow': no answer within 10ms");
    BOOST_TEST(known->count("slow") == 1);
}

AIO_FIXTURE_TEST_CASE(an_old_answer_serves_while_the_resolver_fails_with_one_warning, fixture) {
    rules.good = 0s;
    rules.bad = 0s;
    make(*co_await here());
    BOOST_TEST(co_await ask("bank.example") == both);
    known->errors["bank.example"] = EAI_AGAIN;
    BOOST_TEST(co_await ask("bank.example") == both);
    BOOST_TEST(co_await ask("bank.example") == both);
    BOOST_REQUIRE(warnings.size() == 1u);
    BOOST_TEST(
        warnings[0] ==
        "the system's resolver does not answer for 'bank.example'; its answer of 0s ago is used"
    );
    known->errors["bank.example"] = EAI_NONAME;
    BOOST_TEST(
        co_await ask("bank.example") == "cannot resolve 'bank.example': Name or service not "
                                        "known"
    );
    known->errors["bank.example"] = EAI_AGAIN;
    BOOST_TEST(
        co_await ask("bank.example") ==
        "cannot resolve 'bank.example': Temporary failure in name resolution"
    );
}

AIO_FIXTURE_TEST_CASE(an_old_answer_serves_soon_while_the_resolver_keeps_silent, fixture) {
    rules.good = 0s;
    rules.timeout_with_last_good = 5ms;
    known->open = true;
    make(*co_await here());
    BOOST_TEST(co_await ask("slow") == both);
    known->open = false;
    BOOST_TEST(co_await ask("slow") == both);
    BOOST_TEST(co_await ask("slow") == both);
    BOOST_TEST(known->count("slow") == 2);
    BOOST_TEST(warnings.size() == 1u);
}

AIO_FIXTURE_TEST_CASE(no_answer_is_an_error_as_no_such_name_is, fixture) {
    make(*co_await here());
    known->errors["gone"] = EAI_NONAME;
    BOOST_TEST(co_await ask("gone") == "cannot resolve 'gone': Name or service not known");
    BOOST_TEST(co_await ask("gone") == "cannot resolve 'gone': Name or service not known");
    BOOST_TEST(known->count("gone") == 1);
    BOOST_TEST((co_await ask("empty")).starts_with("cannot resolve 'empty': "));
}

AIO_FIXTURE_TEST_CASE(too_many_lookups_are_refused_and_not_remembered, fixture) {
    async::loop& home = *co_await here();
    pool = std::make_unique<async::worker_pool>(1, "lookup", 1, async::begun_calls::left);
    make(home);
    async::task_group group(home);
    group.spawn("begun", note("slow"));
    known->await_lookup("slow");
    group.spawn("waits", note("second"));
    const std::string full = "1 calls wait for a worker thread already";
    BOOST_TEST(co_await ask("third") == full);
    BOOST_TEST(co_await ask("third") == full);
    known->let_go();
    co_await group.join();
    BOOST_TEST(co_await ask("third") == both);
}

AIO_FIXTURE_TEST_CASE(those_who_wait_are_told_when_the_resolver_goes, fixture) {
    async::loop& home = *co_await here();
    make(home);
    async::task_group group(home);
    group.spawn("waits", note("slow"));
    known->await_lookup("slow");
    resolver.reset();
    co_await group.join();
    BOOST_TEST(heard == std::vector<std::string>{"aborted"});
    known->let_go();
}

AIO_FIXTURE_TEST_CASE(those_whose_lookup_was_not_begun_are_told_when_the_threads_go, fixture) {
    async::loop& home = *co_await here();
    pool = std::make_unique<async::worker_pool>(1, "lookup", 10, async::begun_calls::left);
    make(home);
    async::task_group group(home);
    group.spawn("begun", note("slow"));
    known->await_lookup("slow");
    group.spawn("waits", note("second"));
    pool.reset();
    known->let_go();
    co_await group.join();
    BOOST_TEST(known->count("second") == 0);
    BOOST_TEST(std::ranges::count(heard, "aborted") == 1);
    BOOST_TEST(std::ranges::count(heard, both) == 1);
}

BOOST_AUTO_TEST_CASE(every_loop_gets_its_own_answers) {
    fixture shared;
    shared.pool = std::make_unique<async::worker_pool>(2, "lookup", 100, async::begun_calls::left);
    async::loop clock_of;
    shared.make(clock_of);
    std::atomic<int> right{0};
    const auto work = [&] {
        testing::run([](fixture& shared, std::atomic<int>& right) -> task<void> {
            async::loop& home = *co_await here();
            async::task_group group(home);
            const auto one = [](fixture& shared, std::atomic<int>& right, int i) -> task<void> {
                const std::string name = i % 10 ? "name" + std::to_string(i % 20) : "slow";
                const bool good = co_await shared.ask(name) == both;
                right += good;
            };
            for (int i = 0; i < 200; ++i)
                group.spawn("ask", one(shared, right, i));
            shared.known->let_go();
            co_await group.join();
        }(shared, right));
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
        threads.emplace_back(work);
    for (std::thread& each : threads)
        each.join();
    BOOST_TEST(right == 600);
    BOOST_TEST(shared.known->count("slow") == 1);
    shared.resolver.reset();
    clock_of.close();
}

// Those who ask come, go and are cancelled in any order: each is answered once.
AIO_SIMULATED_TEST_CASE(everybody_is_answered_or_cancelled, 1000) {
    async::loop& home = *co_await here();
    auto& dice = *home.simulation();
    fixture f;
    f.rules.good = dice.random() % 2 ? 0s : 5s;
    f.known->open = true;
    f.known->errors["gone"] = EAI_NONAME;
    f.make(home);
    std::vector<std::unique_ptr<async::task_group>> groups;
    const char* const names[] = {"slow", "gone", "bank.example"};
    std::size_t asked = 0;
    for (int i = 0; i < 20; ++i) {
        auto& group = *groups.emplace_back(std::make_unique<async::task_group>(home));
        group.spawn("ask", f.note(names[dice.random() % 3]));
        ++asked;
        if (dice.random() % 3 == 0)
            co_await async::sleep(std::chrono::milliseconds(dice.random() % 3000));
        if (dice.random() % 4 == 0)
            groups[dice.random() % groups.size()]->cancel();
    }
    for (const auto& each : groups)
        co_await each->join();
    BOOST_TEST(f.heard.size() == asked);
    for (const std::string& each : f.heard)
        BOOST_TEST(
            (each == both || each == "aborted" ||
             each == "cannot resolve 'gone': Name or service not known")
        );
    f.resolver.reset();
    f.pool.reset();
}

BOOST_AUTO_TEST_SUITE_END()
