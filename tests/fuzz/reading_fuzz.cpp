// Reading from a stream: whatever the pieces in which bytes arrive, and however often a read is
// cancelled and begun again, each read gets what it would get from the whole text.

#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/timeout.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/net/error.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/stream_core.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

using namespace aio::net;

namespace {

constexpr std::size_t most_steps = 200;
constexpr auto patience = std::chrono::seconds(1);

void demand(bool holds, const char* what) {
    if (holds)
        return;
    std::fprintf(stderr, "reading: %s\n", what);
    std::abort();
}

/// The bytes of an input, one after the other; zeros when there are no more.
class script {
  public:
    explicit script(std::span<const std::uint8_t> bytes) : left_(bytes) {}

    std::uint8_t next() {
        if (left_.empty())
            return 0;
        const std::uint8_t first = left_.front();
        left_ = left_.subspan(1);
        return first;
    }

    bool over() const { return left_.empty(); }

  private:
    std::span<const std::uint8_t> left_;
};

enum class kind : std::uint8_t { piece, some, exactly, until, line, to_end, peek };

struct call {
    kind what;
    std::size_t size; ///< or the limit
};

/// What is sent, and how much of it has been handed out.
struct reader_state {
    std::string text;
    std::size_t position = 0;

    std::string_view rest() const { return std::string_view(text).substr(position); }
};

constexpr std::string_view delimiter = "ab";

/// Reads of which the result is a text. Throws timeout_error, or what the read throws.
aio::task<std::string> read_text(stream& from, call asked) {
    switch (asked.what) {
    case kind::exactly: {
        std::string text(asked.size, '\0');
        co_await from.read_exactly(std::as_writable_bytes(std::span(text)));
        co_return text;
    }
    case kind::until:
        co_return co_await from.read_until(std::string(delimiter), asked.size);
    case kind::line: {
        const auto line = co_await from.read_line(asked.size);
        co_return line ? *line + "\n" : std::string();
    }
    case kind::to_end:
        co_return co_await from.read_to_end(asked.size);
    case kind::some: {
        std::string text(asked.size + 1, '\0');
        text.resize(co_await from.read_some(std::as_writable_bytes(std::span(text))));
        co_return text;
    }
    case kind::peek: {
        const bytes seen = co_await from.peek(asked.size + 1);
        std::string text(seen.text());
        from.consume(text.size());
        co_return text;
    }
    case kind::piece:
        break;
    }
    const auto data = co_await from.read();
    co_return std::string(data.text());
}

/// What a read gets that ends at a mark: a text, or an error.
struct expected {
    std::string text;
    std::size_t taken = 0;
    std::error_code why;
};

expected up_to_mark(std::string_view rest, std::string_view mark, std::size_t limit) {
    const auto found = rest.find(mark);
    if (found != rest.npos && found + mark.size() <= limit)
        return {std::string(rest.substr(0, found + mark.size())), found + mark.size(), {}};
    if (rest.size() >= limit)
        return {{}, 0, make_error_code(errc::too_long)};
    return {std::string(rest), rest.size(), {}};
}

expected line_of(std::string_view rest, std::size_t limit) {
    expected made = up_to_mark(rest, "\n", limit);
    if (made.why || made.text.empty())
        return made;
    if (made.text.back() == '\n')
        made.text.pop_back();
    if (!made.text.empty() && made.text.back() == '\r')
        made.text.pop_back();
    made.text += '\n';
    return made;
}

expected expect(std::string_view rest, call asked) {
    switch (asked.what) {
    case kind::exactly:
        if (rest.size() < asked.size)
            return {{}, 0, make_error_code(errc::unexpected_end)};
        return {std::string(rest.substr(0, asked.size)), asked.size, {}};
    case kind::until:
        return up_to_mark(rest, delimiter, asked.size);
    case kind::line:
        return line_of(rest, asked.size);
    case kind::to_end:
        if (rest.size() > asked.size)
            return {{}, 0, make_error_code(errc::too_long)};
        return {std::string(rest), rest.size(), {}};
    default:
        return {};
    }
}

/// As much as had arrived, which is not known here.
bool takes_what_is_there(kind what) {
    return what == kind::piece || what == kind::some || what == kind::peek;
}

std::size_t least_of(call asked) {
    return asked.what == kind::peek ? asked.size + 1 : 1;
}

/// One read, repeated until it is not cancelled.
aio::task<expected> do_read(stream& from, call asked) {
    for (;;) {
        try {
            std::string text = co_await aio::async::with_timeout(patience, read_text(from, asked));
            const std::size_t size = text.size();
            co_return expected{std::move(text), size, {}};
        } catch (const aio::async::timeout_error&) {
        } catch (const std::system_error& failed) {
            co_return expected{{}, 0, failed.code()};
        }
    }
}

struct play {
    explicit play(std::span<const std::uint8_t> bytes) : text(bytes) {}

    void run() {
        const std::size_t count = text.next() % 32;
        for (std::size_t i = 0; i < count; ++i)
            calls.push_back({static_cast<kind>(text.next() % 7), text.next() % 40u});
        int ends[2];
        const int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
        demand(::socketpair(AF_UNIX, type, 0, ends) == 0, "no socket pair");
        plan();
        auto* const core = new stream_core(poller::of(loop), ends[0], {});
        stream handle(core);
        core->start();
        group.spawn("read", read_all(std::move(handle)));
        for (const std::size_t size : pieces)
            send(ends[1], size);
        ::close(ends[1]);
        for (int i = 0; i < 2000 && !group.empty(); ++i)
            turn();
        demand(group.empty(), "a read did not end though the peer has");
    }

    /// The whole text first: what the reads have to get depends on it.
    void plan() {
        constexpr std::string_view letters = "ab\r\n";
        for (std::size_t i = 0; i < most_steps && !text.over(); ++i) {
            const std::uint8_t next = text.next();
            pieces.push_back(next % 16);
            for (std::size_t n = next % 16; n > 0; --n)
                state.text += letters[text.next() % letters.size()];
        }
    }

    void send(int to, std::size_t size) {
        if (size == 0) { // the read that waits is cancelled
            time.advance(patience);
        } else {
            const auto done = ::send(to, state.text.data() + sent, size, MSG_NOSIGNAL);
            demand(done == static_cast<ssize_t>(size), "the socket takes no more");
            sent += size;
        }
        turn();
    }

    void turn() {
        for (int i = 0; i < 4 && loop.poll() != 0; ++i) {
        }
    }

    aio::task<void> read_all(stream from) {
        for (const call asked : calls) {
            const expected got = co_await do_read(from, asked);
            if (takes_what_is_there(asked.what))
                check_part(asked, got);
            else
                check_whole(asked, got);
        }
        const std::string last = co_await from.read_to_end();
        demand(last == state.rest(), "the rest is not what is left");
    }

    void check_part(call asked, const expected& got) {
        const std::string_view rest = state.rest();
        demand(!got.why, "a read failed");
        demand(rest.starts_with(got.text), "other bytes than those that came");
        demand(got.taken >= std::min(rest.size(), least_of(asked)), "an end before the end");
        state.position += got.taken;
    }

    void check_whole(call asked, const expected& got) {
        const expected wanted = expect(state.rest(), asked);
        demand(got.why == wanted.why, "another error");
        demand(got.text == wanted.text, "another text");
        state.position += wanted.taken;
    }

    script text;
    std::vector<call> calls;
    std::vector<std::size_t> pieces;
    std::size_t sent = 0;
    reader_state state;
    aio::async::virtual_clock time{aio::async::virtual_clock::moves::by_hand};
    aio::async::loop loop{"main", 0, time};
    aio::async::task_group group{loop, "", [](std::string_view, std::exception_ptr) {
                                     demand(false, "the task failed");
                                 }};
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    play({data, size}).run();
    return 0;
}
