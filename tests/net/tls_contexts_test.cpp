#include "../support/few_descriptors.hpp"
#include "secured.hpp"

#include <aio/async/worker_pool.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/net/tls_contexts.hpp>

#include <cerrno>
#include <chrono>
#include <future>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

using aio::task;
using namespace aio::net;
using namespace std::chrono_literals;

namespace {

using context = std::shared_ptr<const tls_context>;

/// Contexts whose files a single thread reads.
struct contexts_of_loop : support::loop_under_test {
    explicit contexts_of_loop(const tls_contexts::times& limits) : contexts(limits) { prepare(); }

    explicit contexts_of_loop(aio::async::virtual_clock& time) : loop_under_test(time) {
        prepare();
    }

    void prepare() {
        support::write_certificates(folder);
        rules.ca = folder / "ca.pem";
    }

    task<void> ask(const tls_client_rules& wanted, context& into) {
        const auto warn = [this](const std::string& text) { warned.push_back(text); };
        into = co_await contexts.get(loop, files, wanted, warn);
    }

    context get(const tls_client_rules& wanted) {
        context got;
        group.spawn("dial", ask(wanted, got));
        finish();
        return got;
    }

    context get() { return get(rules); }

    /// The thread for files is at work until release().
    void occupy() {
        std::promise<void> begun;
        files.hand_over(loop, [begun = &begun, free = free.get_future().share()] {
            begun->set_value();
            free.wait();
        });
        begun.get_future().wait();
    }

    void other_ca() { folder.write("ca.pem", folder.read("stranger.pem")); }

    aio::testing::temporary_folder folder;
    std::promise<void> free;
    aio::async::worker_pool files{1, "files", 100, aio::async::begun_calls::left};
    tls_contexts contexts;
    tls_client_rules rules;
    std::vector<std::string> warned;
};

/// The clock of the loop stands.
struct asking : support::by_hand, contexts_of_loop {
    asking() : contexts_of_loop(time) {}
};

/// Each connection looks at the files.
struct at_once : contexts_of_loop {
    at_once() : contexts_of_loop(soon()) {}

    static tls_contexts::times soon() {
        tls_contexts::times made;
        made.look_again = {};
        return made;
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(tls_contexts_)

BOOST_FIXTURE_TEST_CASE(what_was_read_without_a_file_needs_no_thread_again, asking) {
    const tls_client_rules no_files;
    const context first = get(no_files);
    occupy();
    pass(time, 1h);
    BOOST_TEST((get(no_files) == first));
    free.set_value();
}

// A call on another thread holds the clock of a test, so this one is the system's.
BOOST_FIXTURE_TEST_CASE(a_look_that_takes_long_holds_up_a_connection_for_a_moment_only, at_once) {
    const context first = get();
    occupy();
    other_ca();
    context second, third;
    group.spawn("dial", ask(rules, second));
    BOOST_TEST(!second);
    until([&] { return second != nullptr; });
    BOOST_TEST((second == first));
    group.spawn("dial", ask(rules, third)); // the look is under way already
    BOOST_TEST((third == first));
    free.set_value();
    until([&] { return get() != first; });
}

BOOST_FIXTURE_TEST_CASE(files_that_could_not_be_read_are_read_again, asking) {
    const context first = get();
    other_ca();
    for (int i = 0; i < 2; ++i) {
        pass(time, tls_contexts::times().look_again + 1s);
        const test::few_descriptors none(0);
        BOOST_TEST((get() == first));
    }
    BOOST_TEST(warned.size() == 1u);
    BOOST_TEST(warned.at(0).find("Too many open files") != std::string::npos, warned.at(0));
    BOOST_TEST(warned.at(0).ends_with("; clients go on with what was read before"));
    pass(time, tls_contexts::times().look_again + 1s);
    BOOST_TEST((get() != first));
    BOOST_TEST(warned.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(files_of_no_use_are_told_once_for_each_change, asking) {
    const context first = get();
    for (const std::string text : {"nonsense", "nonsense", "more nonsense"}) {
        folder.write("ca.pem", text);
        pass(time, tls_contexts::times().look_again + 1s);
        BOOST_TEST((get() == first));
        pass(time, tls_contexts::times().look_again + 1s);
        BOOST_TEST((get() == first));
    }
    BOOST_TEST(warned.size() >= 2u); // a file written again is a change, if its time tells it
    BOOST_TEST(warned.size() <= 3u);
}

BOOST_FIXTURE_TEST_CASE(a_failure_is_that_of_all_who_wait_and_the_next_one_tries_again, asking) {
    std::vector<std::string> failed;
    const auto note = [](task<void> asked, std::vector<std::string>& into) -> task<void> {
        try {
            co_await std::move(asked);
        } catch (const std::runtime_error& e) {
            into.push_back(e.what());
        }
    };
    const std::string good = folder.read("ca.pem");
    folder.write("ca.pem", "nonsense");
    context none;
    for (int i = 0; i < 3; ++i)
        group.spawn("dial", note(ask(rules, none), failed));
    finish();
    const std::string why =
        "cannot use the certificates in " + rules.ca + ": it holds no certificate in PEM form";
    BOOST_TEST((failed == std::vector<std::string>(3, why)));
    BOOST_TEST(warned.empty());
    folder.write("ca.pem", good);
    BOOST_TEST((get() != nullptr));
}

BOOST_AUTO_TEST_CASE(what_passes_is_no_mistake_in_the_files) {
    using aio::base::system_failure;
    BOOST_TEST(errno_of_files(std::runtime_error("no certificate")) == ENOKEY);
    BOOST_TEST(errno_of_files(system_failure(ENOENT, "ca.pem")) == ENOKEY);
    BOOST_TEST(errno_of_files(system_failure(EACCES, "ca.pem")) == ENOKEY);
    BOOST_TEST(errno_of_files(system_failure(EMFILE, "ca.pem")) == EMFILE);
    BOOST_TEST(errno_of_files(system_failure(ENFILE, "ca.pem")) == ENFILE);
    BOOST_TEST(errno_of_files(system_failure(ENOMEM, "ca.pem")) == ENOMEM);
    BOOST_TEST(errno_of_files(system_failure(EAGAIN, "cannot start a thread")) == EAGAIN);
    BOOST_TEST(errno_of_files(std::bad_alloc()) == ENOMEM);
    BOOST_TEST(errno_of_files(aio::async::pool_full(1000)) == EAGAIN);
}

BOOST_AUTO_TEST_SUITE_END()
