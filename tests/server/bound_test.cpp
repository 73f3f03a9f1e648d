// What a server needs from elsewhere when it starts: a name, a key. Whoever has it may keep silent.

#include "timed.hpp"

#include <aio/async/aborted.hpp>
#include <aio/server/listening.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <string>

namespace {

using aio::task;

/// A resolver that answers nobody before answer(): the app's only thread for lookups is busy.
struct silent_resolver : support::server_fixture {
    silent_resolver() {
        group.spawn("busy", lookups().run([open = open_.get_future().share(), begun = begun_] {
            begun->set_value();
            open.wait();
        }));
        begun_->get_future().wait();
    }

    ~silent_resolver() { answer(); }

    void answer() {
        if (!std::exchange(answered_, true))
            open_.set_value();
    }

    task<void> listen_on(std::string address) {
        aio::server::listening what(
            aio::service::context(std::make_shared<const aio::service::context_data>(
                "web", "service/web", aio::config::options(), *this, log("m")
            )),
            "service/web",
            support::echo
        );
        what.address = std::move(address);
        try {
            made = co_await aio::server::listen(loop, std::move(what));
        } catch (const std::exception&) {
            aborted = aio::async::is_aborted(std::current_exception());
        }
        ++ended;
    }

    std::unique_ptr<aio::server::handle> made;
    bool aborted = false;
    int ended = 0;

  private:
    std::promise<void> open_;
    std::shared_ptr<std::promise<void>> begun_ = std::make_shared<std::promise<void>>();
    bool answered_ = false;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(what_a_server_fetches, silent_resolver)

BOOST_AUTO_TEST_CASE(a_name_is_resolved_beside_the_loop) {
    group.spawn("listen", listen_on("localhost"));
    settle();
    BOOST_TEST(ended == 0); // and the loop has turned
    answer();
    until([&] { return ended == 1; });
    BOOST_REQUIRE(made);
    BOOST_TEST(!made->endpoints().empty());
}

BOOST_AUTO_TEST_CASE(a_literal_address_asks_nobody) {
    group.spawn("listen", listen_on("127.0.0.1"));
    BOOST_TEST(ended == 1);
    BOOST_TEST(made != nullptr);
}

BOOST_AUTO_TEST_CASE(a_start_that_is_cancelled_does_not_wait_for_the_resolver) {
    group.spawn("listen", listen_on("localhost"));
    settle();
    group.cancel();
    until([&] { return ended == 1; });
    BOOST_TEST(aborted);
    BOOST_TEST(made == nullptr);
}

BOOST_AUTO_TEST_CASE(a_later_start_of_a_section_reads_its_key_beside_the_loop) {
    answer();
    aio::testing::temporary_folder folder;
    const std::string pipe = folder / "pem";
    BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    module.protocol("echo", support::echo);
    plan("protocol = test.echo\nport = 0\ntls_certificate = " + pipe + "\n");
    BOOST_REQUIRE(server);
    bool over = false, cancelled = false;
    const auto start = [&]() -> task<void> {
        try {
            co_await server->start();
        } catch (const std::exception&) {
            cancelled = aio::async::is_aborted(std::current_exception());
        }
        over = true;
    };
    group.spawn("start", start());
    int writer = -1; // of a pipe that somebody reads
    until([&] { return (writer = ::open(pipe.c_str(), O_WRONLY | O_NONBLOCK)) >= 0; });
    BOOST_TEST(!over);
    group.cancel();
    until([&] { return over; });
    BOOST_TEST(cancelled);
    ::close(writer); // ends the call that was left
}

namespace {

/// A unix socket whose path another process holds while it makes or removes one there.
struct held_path : support::timed {
    held_path() {
        module.protocol("echo", support::echo);
        folder.write("s.lock", "");
        held.reset(::open((folder / "s.lock").c_str(), O_RDONLY | O_CLOEXEC));
        BOOST_REQUIRE(::flock(held.get(), LOCK_EX) == 0);
        plan("protocol = test.echo\ntransport = unix\npath = " + (folder / "s") + "\n");
        BOOST_REQUIRE(server);
        group.spawn("start", start_it());
    }

    task<void> start_it() {
        try {
            co_await server->start();
        } catch (const std::exception& failed) {
            error = failed.what();
        }
        over = true;
    }

    aio::testing::temporary_folder folder;
    aio::base::descriptor held;
    bool over = false;
    std::string error;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_held_path_is_waited_for_without_blocking_the_loop, held_path) {
    pass(std::chrono::milliseconds(500));
    BOOST_TEST(!over);
    held.reset();
    pass(std::chrono::milliseconds(10));
    until([&] { return over; });
    BOOST_TEST(error == "");
    BOOST_TEST(folder.has("s"));
}

BOOST_FIXTURE_TEST_CASE(a_path_that_is_held_for_a_second_fails_the_start, held_path) {
    for (int i = 0; i < 102; ++i)
        pass(std::chrono::milliseconds(10));
    BOOST_TEST(over);
    BOOST_TEST(
        error == "Server(test) failed to start: " + (folder / "s") +
                     ".lock is held by another process: Address already in use"
    );
}

BOOST_AUTO_TEST_SUITE_END()
