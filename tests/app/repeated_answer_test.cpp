#include <aio/app/repeated_answer.hpp>
#include <aio/async/event.hpp>
#include <aio/async/virtual_clock.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;

namespace {

/// An answer is what the test has put there; by default it is made at once.
struct world {
    async::virtual_clock time{async::virtual_clock::moves::by_hand};
    async::loop home{"test", 0, time};
    async::task_group tasks{home, "aio"};
    int begun = 0;
    std::function<task<void>()> make;
    std::vector<std::string> failures;
    app::repeated_answer answers{
        tasks,
        {"list",
         100ms,
         [this] { return answer(); },
         [this](const std::exception_ptr& why) { note(why); }}
    };

    ~world() { home.close(); }

    task<void> answer() {
        ++begun;
        if (make)
            co_await make();
    }

    void note(const std::exception_ptr& why) {
        try {
            std::rethrow_exception(why);
        } catch (const std::exception& e) {
            failures.emplace_back(e.what());
        }
    }

    void run_what_is_ready() {
        async::task_group waiting(home);
        waiting.spawn("settle", settle(time, home));
        home.run();
    }

    void pass(base::duration time_to_pass) {
        time.advance(time_to_pass);
        run_what_is_ready();
    }

    static task<void> settle(async::virtual_clock& clock, async::loop& loop) {
        co_await clock.settle();
        loop.stop();
    }
};

task<void> fail() {
    throw std::runtime_error("no list");
    co_return;
}

task<void> refuse() { // no coroutine
    throw std::logic_error("no coroutine");
}

task<void> run_out_of_memory() {
    throw std::bad_alloc();
    co_return;
}

task<void> wait_for(async::event& end) {
    co_await end.wait();
}

task<void> fail_after(async::event& end) {
    co_await end.wait();
    throw std::runtime_error("late");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(app_repeated_answer, world)

BOOST_AUTO_TEST_CASE(a_request_from_another_thread_is_answered_on_the_loop) {
    std::thread([this] { answers.request(); }).join();
    BOOST_TEST(begun == 0);
    run_what_is_ready();
    BOOST_TEST(begun == 1);
    BOOST_TEST(tasks.empty());
}

BOOST_AUTO_TEST_CASE(an_answer_that_fails_is_told_and_the_next_request_is_answered) {
    const std::pair<std::function<task<void>()>, std::string> all[] = {
        {fail, "no list"},
        {run_out_of_memory, "std::bad_alloc"},
        {refuse, "no coroutine"},
    };
    for (const auto& [how, text] : all) {
        begun = 0;
        failures.clear();
        make = how;
        answers.request();
        run_what_is_ready();
        BOOST_TEST(begun == 1);
        BOOST_TEST(failures == std::vector<std::string>{text}, boost::test_tools::per_element());
        make = nullptr;
        answers.request();
        run_what_is_ready();
        BOOST_TEST(begun == 2);
        BOOST_TEST(failures.size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(a_request_during_an_answer_that_fails_is_answered_after_the_pause) {
    async::event end;
    make = [&end] { return fail_after(end); };
    answers.request();
    run_what_is_ready();
    answers.request();
    answers.request();
    make = nullptr;
    end.set();
    run_what_is_ready();
    BOOST_TEST(failures.size() == 1u);
    BOOST_TEST(begun == 1); // the pause
    pass(100ms);
    BOOST_TEST(begun == 2);
    BOOST_TEST(tasks.empty());
}

BOOST_AUTO_TEST_CASE(the_end_of_the_tasks_is_no_failure) {
    async::event end;
    make = [&end] { return wait_for(end); };
    answers.request();
    run_what_is_ready();
    BOOST_TEST(begun == 1);
    tasks.cancel();
    run_what_is_ready();
    BOOST_TEST(tasks.empty());
    BOOST_TEST(failures.empty());
}

BOOST_AUTO_TEST_SUITE_END()
