#include "fixture.hpp"

#include <aio/base/descriptor.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <fcntl.h>

#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using support::listening;
using support::peer;

namespace {

/// What the callbacks of all connections have noted.
std::vector<std::string> notes;

struct noting : net::protocol {
    void connection_made(net::transport& by) override {
        to = &by;
        notes.push_back("made");
        by.write("hello\n");
    }

    void data_received(std::span<const std::byte> data) override {
        const std::string text(reinterpret_cast<const char*>(data.data()), data.size());
        notes.push_back("data " + text);
        if (text == "close")
            to->close();
        if (text == "throw")
            throw std::runtime_error("no such answer");
    }

    void stopping() override {
        notes.push_back("stopping");
        to->write("goodbye\n");
    }

    void expired() override { notes.push_back("expired"); }

    void connection_lost(std::error_code why) override {
        notes.push_back(why ? "lost: " + why.message() : "lost");
    }

    net::transport* to = nullptr;
};

struct with_context final : net::protocol {
    explicit with_context(const protocols::client_context& context) : name(context.name()) {}

    void connection_made(net::transport& by) override { by.write(name); }

    void data_received(std::span<const std::byte>) override {}

    std::string name;
};

struct never_made final : net::protocol {
    never_made() { throw std::runtime_error("no memory for this one"); }

    void data_received(std::span<const std::byte>) override {}
};

/// Reads only after a pause that the test ends.
struct pausing final : net::protocol {
    void connection_made(net::transport& by) override {
        to = &by;
        by.pause_reading();
        last = this;
    }

    void data_received(std::span<const std::byte> data) override {
        notes.emplace_back(reinterpret_cast<const char*>(data.data()), data.size());
    }

    net::transport* to = nullptr;
    inline static pausing* last = nullptr;
};

/// A file that does not fit into sockets, and nothing else.
struct sends_file final : net::protocol {
    static constexpr std::size_t size = 16 << 20;

    void connection_made(net::transport& by) override {
        by.send_file(source, 0, size);
        by.close();
    }

    void data_received(std::span<const std::byte>) override {}

    inline static int source = -1;
};

struct called_back : support::client_fixture {
    called_back() {
        module.protocol<sends_file>("sends_file");
        notes.clear();
        module.protocol<noting>("noting");
        module.protocol<with_context>("with_context");
        module.protocol<never_made>("never_made");
        module.protocol<pausing>("pausing");
    }

    listening server;
};

using texts = std::vector<std::string>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(callback_, called_back)

BOOST_AUTO_TEST_CASE(a_class_serves_each_connection) {
    begin("protocol = test.noting\nbackoff = 1s\n" + to(server));
    for (int life = 1; life <= 2; ++life) {
        peer far = accept(server);
        until_readable(far);
        BOOST_TEST(far.receive() == "hello\n");
        far.send("close");
        until([&] { return counted("connected") == life && counted("connections") == 0; });
        BOOST_TEST((notes == texts{"made", "data close", "lost"}));
        notes.clear();
        time.advance(2s);
    }
    BOOST_TEST(app.logged("has ended after") == 2);
}

BOOST_AUTO_TEST_CASE(a_class_may_take_the_context_of_a_client) {
    begin("protocol = test.with_context\n" + to(server));
    peer far = accept(server);
    until_readable(far);
    BOOST_TEST(far.receive() == "test");
}

BOOST_AUTO_TEST_CASE(a_broken_connection_is_lost_with_its_reason) {
    begin("protocol = test.noting\n" + to(server));
    peer far = accept(server);
    finish();
    far.reset();
    until_logged("is lost: Connection reset by peer, after 0.0 s; it connects again in ");
    BOOST_TEST(notes.back() == "lost: Connection reset by peer");
}

BOOST_AUTO_TEST_CASE(an_error_of_a_callback_is_logged) {
    begin("protocol = test.noting\n" + to(server));
    peer far = accept(server);
    finish();
    far.send("throw");
    until_logged("ERROR aio Client(test) connection to 127.0.0.1:");
    BOOST_TEST(app.logged("failed after 0.0 s: no such answer; it connects again in ") == 1);
}

BOOST_AUTO_TEST_CASE(an_error_of_a_constructor_is_logged) {
    begin("protocol = test.never_made\n" + to(server));
    accept(server);
    until_logged("failed after 0.0 s: no memory for this one; it connects again in ");
    BOOST_TEST(counted("connections") == 0);
}

BOOST_AUTO_TEST_CASE(a_stop_lets_the_class_say_goodbye) {
    begin("protocol = test.noting\n" + to(server));
    peer far = accept(server);
    finish();
    stop();
    BOOST_TEST(far.receive_all() == "hello\ngoodbye\n");
    BOOST_TEST(notes.size() == 3);
    BOOST_TEST(notes[1] == "stopping");
}

BOOST_AUTO_TEST_CASE(a_class_that_has_paused_is_cancelled) {
    begin("protocol = test.pausing\n" + to(server));
    const peer far = accept(server);
    finish();
    client->begin_stop();
    group.spawn("stop", client->wait_stopped());
    settle();
    BOOST_TEST(!group.empty());
    BOOST_TEST(client->unfinished().size() == 1);
    client->cancel();
    finish();
}

BOOST_AUTO_TEST_CASE(a_silent_connection_expires) {
    begin("protocol = test.noting\nidle_timeout = 10s\n" + to(server));
    const peer far = accept(server);
    finish();
    pass(11s);
    until([&] { return notes.size() >= 3; });
    BOOST_TEST(notes[1] == "expired");
    BOOST_TEST(notes[2].starts_with("lost: "));
}

BOOST_AUTO_TEST_CASE(a_connection_that_has_only_a_file_left_to_send_is_silent_too) {
    const testing::temporary_folder folder;
    const base::descriptor file(
        ::open(folder.write("file", std::string(sends_file::size, 'x')).c_str(), O_RDONLY)
    );
    sends_file::source = file.get();
    begin("protocol = test.sends_file\nidle_timeout = 10s\n" + to(server));
    peer far = accept(server);
    finish();
    settle();
    BOOST_REQUIRE(client->unfinished().size() == 1);
    const std::string text = client->unfinished().at(0);
    BOOST_TEST(text.ends_with(" has a file left to send"), text);
    for (int i = 0; i < 20 && app.logged("silent for too long") == 0; ++i)
        pass(3s); // what was on its way may still arrive
    BOOST_TEST(app.logged("is lost: silent for too long") == 1);
    BOOST_CHECK_THROW(far.receive_all(), std::system_error);
}

// A server that speaks first may do so in the packet in which the proxy opens its tunnel.
BOOST_AUTO_TEST_CASE(what_comes_with_the_answer_of_a_proxy_is_not_lost) {
    for (const std::string name : {"noting", "pausing"}) {
        notes.clear();
        begin(
            "protocol = test." + name +
            "\naddress = bank.example\nport = 80\nproxy = http://127.0.0.1:" +
            std::to_string(server.at.port()) + "\n"
        );
        peer far = accept(server);
        until_readable(far);
        BOOST_TEST(far.receive().starts_with("CONNECT bank.example:80 "));
        far.send("HTTP/1.1 200 OK\r\n\r\nwelcome");
        finish();
        if (name == "pausing") {
            settle();
            BOOST_TEST(notes.empty());
            pausing::last->to->resume_reading();
        }
        until([&] { return !notes.empty() && notes.back().ends_with("welcome"); });
        client->cancel();
        group.spawn("stop", client->wait_stopped());
        finish();
    }
}

BOOST_AUTO_TEST_SUITE_END()
