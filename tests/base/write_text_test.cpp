#include <aio/base/descriptor.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/write_text.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <thread>

using namespace aio::base;
using namespace std::chrono_literals;

namespace {

struct pipe_ends {
    descriptor reader, writer;

    explicit pipe_ends(int flags = 0) {
        std::array<int, 2> ends{};
        BOOST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC | flags) == 0);
        reader.reset(ends[0]);
        writer.reset(ends[1]);
    }

    /// Leaves room for less than `size`.
    void fill() const {
        const std::string page(4096, '.');
        const int capacity = ::fcntl(writer.get(), F_GETPIPE_SZ);
        for (int size = 0; size + 4096 < capacity; size += 4096)
            BOOST_REQUIRE(::write(writer.get(), page.data(), page.size()) == 4096);
    }

    std::string read_all() {
        writer.reset();
        std::string all;
        std::array<char, 65536> room{};
        for (ssize_t n = 0; (n = ::read(reader.get(), room.data(), room.size())) > 0;)
            all.append(room.data(), static_cast<std::size_t>(n));
        return all;
    }
};

/// SIGPIPE would end the program.
struct default_action {
    struct sigaction before{};

    default_action() {
        struct sigaction usual{};
        usual.sa_handler = SIG_DFL;
        ::sigaction(SIGPIPE, &usual, &before);
    }

    default_action(const default_action&) = delete;
    default_action& operator=(const default_action&) = delete;

    ~default_action() { ::sigaction(SIGPIPE, &before, nullptr); }
};

bool pipe_signal_is(int how) {
    sigset_t now;
    ::sigemptyset(&now);
    if (how == SIG_BLOCK)
        ::pthread_sigmask(SIG_BLOCK, nullptr, &now);
    else
        ::sigpending(&now);
    return ::sigismember(&now, SIGPIPE) == 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(write_text_)

BOOST_AUTO_TEST_CASE(a_full_pipe_takes_a_part_and_is_not_waited_for) {
    pipe_ends pipe;
    pipe.fill();
    const written done = write_text(pipe.writer.get(), std::string(5000, 'x'), 0ms);
    BOOST_TEST(done.error == EAGAIN);
    BOOST_TEST(done.bytes > 0u);
    BOOST_TEST(done.bytes < 5000u);
    const std::string all = pipe.read_all();
    BOOST_TEST(all.size() - all.find('x') == done.bytes);
}

BOOST_AUTO_TEST_CASE(without_a_limit_the_reader_gets_everything) {
    for (const int flags : {0, O_NONBLOCK}) {
        pipe_ends pipe(flags);
        written done;
        std::thread writer([&] {
            done = write_text(pipe.writer.get(), std::string(300'000, 'x'), no_limit);
            pipe.writer.reset();
        });
        ::fcntl(pipe.reader.get(), F_SETFL, 0); // only the end of the writer may not block
        std::array<char, 65536> room{};
        std::size_t size = 0;
        for (ssize_t n = 0; (n = ::read(pipe.reader.get(), room.data(), room.size())) > 0;)
            size += static_cast<std::size_t>(n);
        BOOST_TEST(size == 300'000u);
        writer.join();
        BOOST_TEST(done.error == 0);
        BOOST_TEST(done.bytes == 300'000u);
    }
}

BOOST_AUTO_TEST_CASE(a_pipe_without_a_reader_raises_no_signal) {
    const default_action usual;
    pipe_ends pipe;
    pipe.reader.reset();
    for (const auto patience : {0ms, no_limit}) {
        const written done = write_text(pipe.writer.get(), "text", patience);
        BOOST_TEST(done.error == EPIPE);
        BOOST_TEST(done.bytes == 0u);
    }
    BOOST_TEST(!pipe_signal_is(SIG_BLOCK));
}

BOOST_AUTO_TEST_CASE(a_signal_that_was_pending_before_stays) {
    const default_action usual;
    sigset_t only, before;
    ::sigemptyset(&only);
    ::sigaddset(&only, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &only, &before);
    ::raise(SIGPIPE);
    {
        const no_pipe_signal quiet;
    }
    BOOST_TEST(pipe_signal_is(SIG_SETMASK));
    const timespec at_once{};
    BOOST_TEST(::sigtimedwait(&only, nullptr, &at_once) == SIGPIPE);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

BOOST_AUTO_TEST_CASE(messages_never_fail) {
    const default_action usual;
    const descriptor kept(::dup(STDERR_FILENO));
    pipe_ends pipe;
    pipe.reader.reset();
    const descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    for (const int target : {full.get(), pipe.writer.get()}) {
        ::dup2(target, STDERR_FILENO);
        say("text");
        print_error("text\n");
        ::dup2(kept.get(), STDERR_FILENO);
    }
    ::close(STDERR_FILENO);
    say("text");
    ::dup2(kept.get(), STDERR_FILENO);
}

BOOST_AUTO_TEST_CASE(a_message_is_one_visible_line) {
    const descriptor kept(::dup(STDERR_FILENO));
    pipe_ends pipe;
    ::dup2(pipe.writer.get(), STDERR_FILENO);
    say("a\x1b[2J\nb", layout::one_line);
    print_error("as it is\n");
    ::dup2(kept.get(), STDERR_FILENO);
    BOOST_TEST(pipe.read_all() == "aio: a\\x1b[2J\\x0ab\nas it is\n");
}

BOOST_AUTO_TEST_SUITE_END()
