#include <aio/client/stream_session.hpp>
#include <aio/protocols/handler.hpp>

#include <span>
#include <utility>
#include <variant>

namespace aio::client {

/// The protocol at work. The connection closes with it, even if the handle of the stream was moved
/// elsewhere and still exists.
struct stream_session::serving {
    explicit serving(stream_session& session) : of(session) {
        of.serves_ = true;
        of.hold();
    }

    serving(const serving&) = delete;
    serving& operator=(const serving&) = delete;

    ~serving() {
        of.serves_ = false;
        if (complete)
            of.end();
        else
            of.close(); // the loop is closed
        if (!of.open())
            of.leave_owner();
        of.let_go();
    }

    stream_session& of;
    bool complete = false;
};

stream_session::stream_session(
    shared& all, net::poller& poller, int fd, const net::address& peer, end_handler ended
)
    : session_over(poller, fd, peer, all, std::move(ended)) {}

// The reference that a session is made with is that of the protocol's stream.
void stream_session::begin(const std::string& early) {
    try {
        begin_watch();
        start();
        if (!early.empty())
            give_back(std::as_bytes(std::span(early)));
        if (secured()) // data that came with the end of the handshake has no event of its own
            try_again();
        watch_time();
        all_.connections.spawn(
            {[](const void* subject) { return static_cast<const stream_session*>(subject)->who(); },
             this},
            serve()
        );
    } catch (...) {
        close_now();
        let_go();
        throw;
    }
}

// The task holds the session: its name refers to it.
task<void> stream_session::serve() {
    serving work(*this);
    std::exception_ptr why;
    try {
        co_await std::get<protocols::stream_handler> (*all_.plan->protocol)(
            net::stream(this), *all_.given
        );
    } catch (...) {
        why = std::current_exception();
    }
    work.complete = true;
    protocol_ended(std::move(why));
}

std::string stream_session::unfinished() const {
    return serves_ ? std::string() : what_it_awaits();
}

} // namespace aio::client
