#include <aio/async/loop.hpp>
#include <aio/async/start_inline.hpp>
#include <aio/net/connection.hpp>
#include <aio/net/error.hpp>
#include <aio/net/tls_handshake.hpp>

#include <algorithm>
#include <utility>

namespace aio::net {

tls_handshake::tls_handshake(connection& over, const limits& allowed)
    : over_(over), allowed_(allowed), home_(over.on().home()),
      turns_(handshake_turns::of(over.on())), begun_(home_.now()), moved_(begun_) {
    home_.add_timer(*this, due());
}

tls_handshake::~tls_handshake() {
    home_.remove_timer(*this);
    hide();
}

void tls_handshake::show(
    std::string (*describe)(const void* subject), const void* subject, std::string_view works_for
) {
    shown_ = &async::runner::take(home_);
    shown_->describe = describe;
    shown_->subject = subject;
    shown_->owner = works_for;
    shown_->awaits = "TLS handshake";
    shown_->since = begun_;
    shown_->show();
}

void tls_handshake::hide() noexcept {
    if (!shown_)
        return;
    shown_->hide();
    std::exchange(shown_, nullptr)->park();
}

void tls_handshake::go_on() {
    if (turns_.take(*this))
        step();
}

void tls_handshake::heard() noexcept {
    moved_ = home_.now();
}

void tls_handshake::step() {
    heard();
    const outcome came = over_.handshake();
    if (!came.later)
        shaken(came.error);
}

async::time_point tls_handshake::end() const noexcept {
    return async::later(begun_, allowed_.whole);
}

// The peer is not silent while this side has not looked at what it sent.
async::time_point tls_handshake::due() const noexcept {
    if (!allowed_.silence)
        return end();
    const async::time_point heard = held_back() ? home_.now() : moved_;
    return std::min(async::later(heard, *allowed_.silence), end());
}

// The timer is set once for each silence, not for each event: later events are seen here.
void tls_handshake::fire() {
    if (const async::time_point then = due(); then > home_.now())
        return home_.add_timer(*this, then);
    shaken(make_error_code(home_.now() < end() ? errc::idle : errc::handshake_timeout));
}

} // namespace aio::net
