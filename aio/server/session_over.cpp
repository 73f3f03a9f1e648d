#include <aio/net/error.hpp>
#include <aio/net/tls_fault.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/server/lane.hpp>
#include <aio/server/session_over.hpp>

#include <sys/epoll.h>

#include <chrono>
#include <cstddef>
#include <exception>
#include <new>
#include <span>
#include <string_view>
#include <utility>

namespace aio::server {

namespace {

/// The specification asks for at least 3 seconds.
constexpr base::duration header_limit = std::chrono::seconds(5);

net::proxy_reading read_or_refuse(std::string_view bytes) noexcept {
    try {
        return net::read_proxy_header(bytes);
    } catch (const std::bad_alloc&) {
        net::proxy_reading out;
        out.what = net::proxy_reading::result::wrong;
        out.reason = "there is no memory";
        return out;
    }
}

} // namespace

template <typename Core>
struct session_over<Core>::handshake final : net::tls_handshake, waiting_handshake {
    handshake(session_over& session, const aio::server::limits& allowed)
        : tls_handshake(session, {allowed.handshake_timeout, allowed.idle_timeout}), of(session) {}

    void shaken(const std::error_code& why) override { of.shaken(why); }

    void go_on_with_place() override { go_on(); }

    bool held_back() const noexcept override {
        return waits_for_place() || tls_handshake::held_back();
    }

    /// `ended`: nothing follows what has arrived.
    void event(bool ended) {
        heard();
        if (!has_entered() && (ended || of.has_whole_record()))
            of.lane_.handshakes().enter(*this);
        if (has_place())
            go_on();
    }

    session_over& of;
};

template <typename Core>
session_over<Core>::session_over(lane& owner, net::poller& poller, int fd, const net::address& peer)
    : base_type(poller, fd, peer, owner) {}

// The lane asks the session for its client.
template <typename Core>
session_over<Core>::~session_over() {
    this->leave_owner();
}

template <typename Core>
void session_over<Core>::begin() {
    this->begin_watch();
    this->start();
    if (this->awaits_header_)
        this->arm(header_limit);
    else if (this->secured())
        begin_shaking();
    else
        serve_or_drop();
}

// The header is looked at until it is whole, and then taken: what follows it stays in the socket.
template <typename Core>
void session_over<Core>::read_header(bool ended) {
    char text[net::proxy_header::longest_binary];
    const auto room = std::as_writable_bytes(std::span(text));
    const net::outcome seen = this->peek_raw(room);
    if (seen.later)
        return;
    if (!seen.done())
        return give_up_header(refusal::empty, "the connection ended before it");
    const auto made = read_or_refuse({text, seen.size});
    if (made.what == net::proxy_reading::result::wrong)
        return give_up_header(refusal::proxy, made.reason);
    if (made.what == net::proxy_reading::result::more) {
        if (ended)
            give_up_header(refusal::proxy, "the connection ended in it");
        return;
    }
    if (this->receive_raw(room.first(made.size)).size != made.size)
        return give_up_header(refusal::proxy, "the connection ended in it");
    take_header(made, ended);
}

// A check by the proxy itself is no client's connection.
template <typename Core>
void session_over<Core>::take_header(const net::proxy_reading& read, bool ended) {
    using subject = net::proxy_header::subject;
    try {
        this->net::connection::announce(std::make_unique<const net::proxy_header>(read.header));
        if (read.header.about != subject::proxy) {
            const ruling made = this->lane_.shared().admit(client(), this->lane_.home().now());
            if (made.what != verdict::go_on)
                return give_up_header(*made.why, "its client is refused");
            this->counted_ = true;
        }
        if (this->secured())
            begin_shaking();
    } catch (const std::bad_alloc&) {
        shaking_.reset();
        return give_up_header(refusal::proxy, "there is no memory");
    }
    this->awaits_header_ = false;
    this->had_header_ = true;
    this->disarm();
    if (shaking_) // what came with the header has no event of its own
        shaking_->event(ended);
    else
        serve_or_drop();
}

template <typename Core>
void session_over<Core>::give_up_header(refusal why, std::string_view reason) noexcept {
    serving& shared = this->lane_.shared();
    if (!ends())
        shared.refused.note(why, client(), this->lane_.home().now().time_since_epoch());
    debug([&] { return fmt::format("PROXY header: {}", reason); });
    this->awaits_header_ = false;
    this->reset();
    drop();
}

template <typename Core>
void session_over<Core>::begin_shaking() {
    shaking_ = std::make_unique<handshake>(*this, this->lane_.shared().limits);
    shaking_->show(
        [](const void* subject) { return static_cast<const session_over*>(subject)->who(); },
        this,
        this->lane_.shared().section
    );
}

// A peer that has sent a part of its ClientHello holds up nobody. What is no TLS is whole: it fails
// at once.
template <typename Core>
bool session_over<Core>::has_whole_record() noexcept {
    constexpr std::size_t head_size = 5;
    constexpr std::size_t longest = 1 << 14;
    constexpr std::byte handshake_type{22};
    std::byte room[head_size + longest];
    const net::outcome seen = this->peek_raw(room);
    if (seen.later || (seen.done() && seen.size < head_size))
        return false;
    if (!seen.done() || room[0] != handshake_type)
        return true;
    const std::size_t size =
        std::to_integer<std::size_t>(room[3]) << 8 | std::to_integer<std::size_t>(room[4]);
    return size > longest || seen.size >= head_size + size;
}

template <typename Core>
void session_over<Core>::ready(std::uint32_t events) {
    if (this->awaits_header_) {
        this->note(events);
        return ends() ? give_up_header(refusal::proxy, "the server stops")
                      : read_header((events & (EPOLLRDHUP | EPOLLHUP)) != 0);
    }
    if (!shaking_)
        return Core::ready(events);
    this->note(events);
    if (ends())
        give_up(make_error_code(std::errc::operation_canceled));
    else
        shaking_->event((events & (EPOLLRDHUP | EPOLLHUP)) != 0);
}

template <typename Core>
void session_over<Core>::shaken(const std::error_code& why) {
    if (ends())
        return give_up(make_error_code(std::errc::operation_canceled));
    if (why)
        return give_up(why);
    shaking_.reset();
    serving& shared = this->lane_.shared();
    shared.handshakes.fetch_add(1, std::memory_order_relaxed);
    if (this->tls()->resumed())
        shared.resumed.fetch_add(1, std::memory_order_relaxed);
    serve_or_drop();
}

template <typename Core>
void session_over<Core>::serve_or_drop() noexcept {
    try {
        serve();
    } catch (const std::exception&) {
        this->lane_.shared().tell_dropped(this->lane_.home().now(), std::current_exception());
        this->close_now();
        drop();
    }
}

template <typename Core>
void session_over<Core>::give_up(const std::error_code& why) noexcept {
    shaking_.reset();
    if (!ends())
        this->lane_.shared().refused.note(
            refusal::handshake, client(), this->lane_.home().now().time_since_epoch()
        );
    debug([&] { return fmt::format("TLS handshake: {}", this->tls()->why(why)); });
    lane& owner = this->lane_;
    const bool parts = !ends() && net::is_told_by_alert(why);
    net::accepted last;
    if (parts)
        last = this->take_connection();
    else
        this->close_now();
    drop();
    if (parts)
        owner.part_from(std::move(last));
}

// What TLS had to say, such as an alert, is sent.
template <typename Core>
net::accepted session_over<Core>::take_connection() noexcept {
    net::accepted taken;
    taken.peer = this->net::connection::peer();
    auto all = this->give_away();
    taken.at = net::socket(all.fd);
    taken.over = std::move(all.over);
    return taken;
}

template <typename Core>
template <typename MakeText>
void session_over<Core>::debug(const MakeText& text) const noexcept {
    const serving& shared = this->lane_.shared();
    if (!shared.log.enabled(log::level::debug))
        return;
    try {
        shared.log.debug("Server({}) {}: {}", shared.label, this->who(), text());
    } catch (const std::exception&) { // no memory for the text
    }
}

template <typename Core>
void session_over<Core>::tell() noexcept {
    if (shaking_ || this->awaits_header_)
        this->arm(base::duration(0));
    else
        base_type::tell();
}

template <typename Core>
bool session_over<Core>::ends() const noexcept {
    return this->owner_stage() != protocols::stage::serving;
}

template <typename Core>
void session_over<Core>::cancel() noexcept {
    if (shaking_ || this->awaits_header_)
        this->arm(base::duration(0));
    else
        base_type::cancel();
}

template <typename Core>
void session_over<Core>::expired() noexcept {
    if (this->awaits_header_)
        give_up_header(refusal::proxy, ends() ? "the server stops" : "it took too long");
    else if (shaking_)
        give_up(make_error_code(std::errc::operation_canceled)); // only tell() has set the timer
    else
        base_type::expired();
}

template <typename Core>
void session_over<Core>::time_is_up(net::side which) noexcept {
    if (which == net::side::writing && this->time_verdict(which) == net::deadlines::end::patience)
        this->tell_unread();
    Core::time_is_up(which);
}

template <typename Core>
std::string session_over<Core>::what_it_awaits() const {
    if (this->awaits_header_)
        return this->who() + " waits for the PROXY header of its peer";
    if (shaking_)
        return this->who() + " waits for the TLS handshake of its peer";
    return base_type::what_it_awaits();
}

template class session_over<net::stream_core>;
template class session_over<net::transport_core>;

} // namespace aio::server
