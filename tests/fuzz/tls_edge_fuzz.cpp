// The edge of a connection, plain and TLS, by coroutines and by callbacks: a scripted peer over a
// socket pair sends data, close_notify, half closes, resets and rubbish in any order, reads or does
// not read, while the server's side stops, is silent for too long, or cuts a write short.
//
// Whatever happens: our side ends when its peer has gone; it has received a beginning of what the
// peer sent, and all of it when it says that the peer ended the stream; the peer has received whole
// messages in order, but for the end of those that were cut short.

#include "../net/certificates.hpp"

#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/timeout.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/net/error.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/stream_core.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/net/transport_core.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

using namespace aio::net;

namespace {

constexpr std::size_t most_steps = 40;
constexpr int most_polls = 20000;
constexpr auto limit_of_write = std::chrono::seconds(1);
constexpr std::uint32_t kept_of_callbacks = 1 << 17;

void demand(bool holds, const char* what) {
    if (holds)
        return;
    std::fprintf(stderr, "tls_edge: %s\n", what);
    std::abort();
}

/// A message of ours: its number, over and over.
std::string message(unsigned int number, std::size_t size) {
    return std::string(size, static_cast<char>('0' + number % 64));
}

struct contexts {
    std::shared_ptr<const tls_context> server;
    ::SSL_CTX* client = ::SSL_CTX_new(::TLS_client_method());

    contexts() {
        std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to sockets without MSG_NOSIGNAL
        const aio::testing::temporary_folder folder;
        support::write_certificates(folder);
        tls_options with;
        with.certificate = folder / "server.pem";
        with.key = folder / "server.key";
        server = tls_context::server(with);
        ::SSL_CTX_set_mode(
            client, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        );
    }
};

/// What both sides note about the connection.
struct notes {
    std::string received;      ///< by us
    unsigned int messages = 0; ///< that we have begun
    std::size_t cuts = 0;      ///< of these were given up
    end_reason reason = end_reason::none;
    bool saw_end = false; ///< our side took the stream for complete
    bool over = false;
};

// ---- our side by a coroutine ------------------------------------------------------------------

enum class habit { echo, lines, whole, flood };

aio::task<void> say(stream& s, notes& all, std::size_t size) {
    const std::string text = message(all.messages++, size);
    try {
        co_await aio::async::with_timeout(limit_of_write, s.write(text));
    } catch (const aio::async::timeout_error&) {
        ++all.cuts;
    }
}

aio::task<void> echo(stream& s, notes& all) {
    while (auto data = co_await s.read()) {
        all.received += data.text();
        co_await say(s, all, data.size() * 4);
    }
    all.saw_end = s.end_reason() == end_reason::peer;
}

aio::task<void> lines(stream& s, notes& all) {
    while (const auto line = co_await s.read_line(1 << 20)) {
        all.received += *line;
        co_await say(s, all, line->size() + 1);
    }
    all.saw_end = s.end_reason() == end_reason::peer;
}

aio::task<void> whole(stream& s, notes& all) {
    all.received = co_await s.read_to_end();
    all.saw_end = true;
    demand(s.end_reason() == end_reason::peer, "a whole that the peer did not end");
    co_await say(s, all, 1000);
}

aio::task<void> flood(stream& s, notes& all) {
    const auto data = co_await s.read();
    all.received += data.text();
    for (int i = 0; i < 8; ++i)
        co_await say(s, all, std::size_t{1} << (8 + 2 * (i % 5)));
    co_await s.shutdown();
    while (auto more = co_await s.read())
        all.received += more.text();
    all.saw_end = s.end_reason() == end_reason::peer;
}

aio::task<void> serve(stream s, notes& all, habit how) {
    try {
        switch (how) {
        case habit::echo:
            co_await echo(s, all);
            break;
        case habit::lines:
            co_await lines(s, all);
            break;
        case habit::whole:
            co_await whole(s, all);
            break;
        case habit::flood:
            co_await flood(s, all);
            break;
        }
    } catch (const std::system_error&) {
        // The network's, and the stop's: the notes say what was handed out before.
    }
    all.reason = s.end_reason();
    all.over = true;
}

/// Core after its TLS handshake, as a session of a server does it.
template <typename Core>
struct shaking : Core {
    using Core::Core;

    void ready(std::uint32_t events) override {
        if (shaken)
            return Core::ready(events);
        this->note(events);
        const outcome came = this->handshake();
        if (came.later)
            return;
        shaken = true;
        failed = !came.done();
    }

    bool shaken = false;
    bool failed = false;
};

struct stream_side final : shaking<stream_core> {
    using shaking::shaking;
};

// ---- our side by callbacks --------------------------------------------------------------------

struct called final : protocol {
    called(notes& to, habit how_) : all(to), how(how_) {}

    void connection_made(transport& by) override { to = &by; }

    void data_received(std::span<const std::byte> data) override {
        demand(!ended, "data after the end");
        all.received.append(reinterpret_cast<const char*>(data.data()), data.size());
        to->write(message(all.messages++, data.size() * (how == habit::flood ? 16 : 2)));
    }

    bool eof_received() override {
        demand(to->end_reason() == end_reason::peer, "eof_received without the peer's end");
        demand(!std::exchange(ended, true), "two ends");
        all.saw_end = true;
        to->write(message(all.messages++, 1000));
        if (how == habit::whole)
            to->shutdown();
        return how != habit::echo;
    }

    void stopping() override { to->write(message(all.messages++, 3)); }

    void expired() override { to->write(message(all.messages++, 5)); }

    void drained() override {
        if (++drains < 8)
            to->write(message(all.messages++, 20'000));
    }

    void connection_lost(std::error_code) override {
        demand(!std::exchange(lost, true), "lost twice");
        all.reason = to->end_reason();
    }

    notes& all;
    habit how;
    transport* to = nullptr;
    bool ended = false, lost = false;
    int drains = 0;
};

struct callback_side final : shaking<transport_core> {
    callback_side(poller& on, int fd, notes& to) : shaking(on, fd, {}), all(to) {}

    void over() noexcept override {
        all.over = true;
        delete this;
    }

    void crashed(std::exception_ptr) noexcept override { demand(false, "a callback threw"); }

    notes& all;
};

// ---- the peer ---------------------------------------------------------------------------------

class far_end {
  public:
    far_end(int fd, ::SSL_CTX* with) : fd_(fd) {
        if (!with)
            return;
        ssl_ = ::SSL_new(with);
        ::SSL_set_fd(ssl_, fd);
        ::SSL_set_connect_state(ssl_);
    }

    far_end(const far_end&) = delete;
    far_end& operator=(const far_end&) = delete;

    ~far_end() {
        ::SSL_free(ssl_);
        close();
    }

    bool shake() { return !ssl_ || ::SSL_do_handshake(ssl_) == 1; }

    void send(const std::string& text) {
        if (fd_ < 0 || ended_)
            return;
        std::size_t done = 0;
        if (!ssl_) {
            const auto count = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            done = count > 0 ? static_cast<std::size_t>(count) : 0;
        } else if (!text.empty() && ::SSL_write_ex(ssl_, text.data(), text.size(), &done) != 1) {
            done = text.size(); // a record of it may be half out: nothing can follow
            ended_ = true;
        }
        ::ERR_clear_error();
        sent_.append(text, 0, done);
    }

    /// What is no TLS.
    void rubbish(const std::string& text) {
        if (!ssl_)
            return send(text);
        if (fd_ >= 0 && !shut_)
            static_cast<void>(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    }

    void close_notify() {
        if (fd_ < 0 || !ssl_ || ended_)
            return;
        whole_ = ended_ = true;
        ::SSL_shutdown(ssl_);
        ::ERR_clear_error();
    }

    void half_close() {
        if (fd_ < 0)
            return;
        if (!ssl_)
            whole_ = true;
        shut_ = ended_ = true;
        ::shutdown(fd_, SHUT_WR);
    }

    void key_update() {
        if (fd_ >= 0 && ssl_ && !ended_)
            ::SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED);
        ::ERR_clear_error();
    }

    void receive() {
        static char into[1 << 16];
        for (int i = 0; i < 64 && fd_ >= 0; ++i) {
            std::size_t got = 0;
            if (ssl_) {
                if (::SSL_read_ex(ssl_, into, sizeof into, &got) != 1)
                    got = 0;
                ::ERR_clear_error();
            } else if (const auto count = ::recv(fd_, into, sizeof into, MSG_DONTWAIT); count > 0) {
                got = static_cast<std::size_t>(count);
            }
            if (got == 0)
                return;
            received_.append(into, got);
        }
    }

    void close() {
        if (fd_ < 0)
            return;
        if (!ssl_)
            whole_ = true;
        ended_ = true;
        ::close(std::exchange(fd_, -1));
    }

    const std::string& sent() const { return sent_; }

    const std::string& received() const { return received_; }

    bool whole() const { return whole_; }

  private:
    int fd_;
    ::SSL* ssl_ = nullptr;
    std::string sent_, received_;
    bool ended_ = false; ///< nothing more is sent
    bool whole_ = false; ///< the peer has ended the stream in good order
    bool shut_ = false;
};

// ---- the script -------------------------------------------------------------------------------

class play {
  public:
    play(const std::uint8_t* data, std::size_t size, const contexts& with)
        : script_(reinterpret_cast<const char*>(data), size), with_(with) {}

    void run() {
        const std::uint8_t first = next();
        secure_ = first & 1;
        how_ = static_cast<habit>((first >> 2) & 3);
        int ends[2];
        demand(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0, "");
        const int small = 4096;
        ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        far_.emplace(ends[1], secure_ ? with_.client : nullptr);
        if (first & 2)
            begin_callbacks(ends[0]);
        else
            begin_stream(ends[0]);
        for (std::size_t i = 0; i < most_steps && at_ < script_.size(); ++i)
            step(next());
        finish();
        check();
    }

  private:
    std::uint8_t next() {
        return at_ < script_.size() ? static_cast<std::uint8_t>(script_[at_++]) : std::uint8_t{0};
    }

    void poll(int turns = 8) {
        for (int i = 0; i < turns && loop_.poll() != 0; ++i) {
        }
    }

    template <typename Core>
    void shake(Core& core) {
        if (!secure_) {
            core.shaken = true;
            return;
        }
        core.secure(std::make_unique<tls_session>(with_.server));
        core.start();
        for (int i = 0; i < 1000 && !(far_->shake() && core.shaken); ++i)
            loop_.poll();
        demand(core.shaken && !core.failed, "the handshake failed");
    }

    void begin_stream(int fd) {
        stream_ = new stream_side(poller::of(loop_), fd, {});
        stream handle(stream_);
        shake(*stream_);
        if (!secure_)
            stream_->start();
        stream_->hold(); // the notes are taken when it is closed
        group_.spawn("serve", serve(std::move(handle), all_, how_));
    }

    void begin_callbacks(int fd) {
        callbacks_ = new callback_side(poller::of(loop_), fd, all_);
        shake(*callbacks_);
        if (secure_)
            poller::of(loop_).defer(*callbacks_); // of what came with the handshake
        else
            callbacks_->start();
        callbacks_->transport_core::max_buffered(kept_of_callbacks);
        callbacks_->begin(std::make_unique<called>(all_, how_));
    }

    void end_input(end_reason reason) {
        if (all_.over)
            return;
        if (stream_)
            stream_->end_input(reason);
        else
            callbacks_->end_input(reason);
    }

    void step(std::uint8_t what) {
        const std::uint8_t size = next();
        switch (what % 14) {
        case 0:
            far_->send(std::string(size, 'a'));
            break;
        case 1:
            far_->send(std::string(std::size_t{size} * 40, 'b'));
            break;
        case 2:
            far_->send("line\n");
            break;
        case 3:
            far_->close_notify();
            break;
        case 4:
            far_->half_close();
            break;
        case 5:
            far_->close();
            break;
        case 6:
            far_->rubbish(std::string(size, static_cast<char>(size)));
            break;
        case 7:
            far_->receive();
            break;
        case 8:
            far_->key_update();
            break;
        case 9:
            end_input(end_reason::stopping);
            break;
        case 10:
            end_input(end_reason::idle);
            break;
        case 11:
            time_.advance(limit_of_write);
            poll();
            break;
        case 12:
            if (callbacks_ && !all_.over)
                size % 2 ? callbacks_->pause_reading() : callbacks_->resume_reading();
            break;
        default:
            poll(size % 8);
        }
        if (what & 0x80)
            poll(1);
    }

    // The peer reads what there is and goes: then our side has to end, whatever it was doing.
    void finish() {
        std::size_t before = 1;
        for (int quiet = 0; quiet < 3 && !all_.over;) {
            time_.advance(limit_of_write);
            poll();
            far_->receive();
            quiet = far_->received().size() == before ? quiet + 1 : 0;
            before = far_->received().size();
        }
        far_->close();
        if (callbacks_ && !all_.over) {
            callbacks_->resume_reading();
            if (all_.saw_end)
                callbacks_->close(); // it is its own to close
        }
        for (int i = 0; i < most_polls && !all_.over; ++i) {
            time_.advance(limit_of_write);
            loop_.poll();
        }
        demand(all_.over, "our side did not end though its peer has gone");
        poll();
        if (stream_)
            stream_->let_go();
        demand(group_.empty(), "a task is left");
    }

    void check() {
        std::string sent = far_->sent();
        if (stream_ && how_ == habit::lines) {
            for (std::string* text : {&sent, &all_.received}) {
                std::erase(*text, '\n');
                std::erase(*text, '\r');
            }
        }
        demand(sent.starts_with(all_.received), "what was received was not sent");
        if (all_.saw_end) {
            demand(far_->whole(), "an end that the peer did not make");
            demand(all_.received == sent, "an end before everything was handed over");
        }
        char last = '0';
        const std::string& got = far_->received();
        for (std::size_t i = 0; i != got.npos && i < got.size();
             i = got.find_first_not_of(got[i], i)) {
            const int ahead = (got[i] - last + 64) % 64;
            demand(
                ahead <= static_cast<int>(all_.cuts) + 1, "a message is missing or out of order"
            );
            last = got[i];
        }
    }

    std::string script_;
    const contexts& with_;
    std::size_t at_ = 0;
    bool secure_ = false;
    habit how_ = habit::echo;
    aio::async::virtual_clock time_{aio::async::virtual_clock::moves::by_hand};
    aio::async::loop loop_{"main", 0, time_};
    aio::async::task_group group_{loop_, "", [](std::string_view, std::exception_ptr) {
                                      demand(false, "the task failed");
                                  }};
    notes all_;
    stream_side* stream_ = nullptr;
    callback_side* callbacks_ = nullptr;
    std::optional<far_end> far_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const contexts with;
    play(data, size, with).run();
    return 0;
}
