#include <aio/net/buffer_pool.hpp>
#include <aio/net/proxy_header.hpp>
#include <aio/net/way_back.hpp>
#include <aio/server/datagram_session.hpp>
#include <aio/server/lane.hpp>
#include <aio/server/system_cause.hpp>

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace aio::server {

datagram_session::datagram_session(lane& owner, net::poller& poller, net::socket bound)
    : datagram_core(poller, std::move(bound)), lane_(owner) {
    lane_.home().keep_room(reminder_);
}

datagram_session::~datagram_session() {
    lane_.home().release_timer(reminder_);
    try {
        if (drops_)
            lane_.shared().tell_last_drops();
    } catch (const std::exception&) { // no memory for the text
    }
    lane_.remove(*this);
}

// As the words of the refusal say.
static_assert(net::buffer_pool::largest_datagram == 512 * 1024);

void datagram_session::too_long(const net::address& from) noexcept {
    refuse(refusal::too_long, from);
}

void datagram_session::dropped(const net::address& target, drop why) noexcept {
    drops_ = true;
    try {
        remind(
            lane_.shared().tell_dropped_datagram(lane_.home().now(), target, why == drop::too_long)
        );
    } catch (const std::exception&) { // no memory for the text
    }
}

void datagram_session::tell_drops() noexcept {
    try {
        remind(lane_.shared().tell_drops(lane_.home().now()));
    } catch (const std::exception&) { // no memory for the text
    }
}

void datagram_session::remind(std::optional<async::time_point> when) noexcept {
    if (when && !reminder_.armed())
        lane_.home().add_timer(reminder_, *when);
}

bool datagram_session::admits(std::span<const std::byte>& data, net::address& from) noexcept {
    serving& shared = lane_.shared();
    if (!shared.limits.proxy)
        return true;
    net::set_way_back(from, {});
    const ruling made = shared.greet(from, lane_.home().now());
    if (made.what != verdict::go_on) {
        refuse(*made.why, from);
        return false;
    }
    return made.next != step::proxy || take_header(data, from);
}

bool datagram_session::take_header(std::span<const std::byte>& data, net::address& from) noexcept {
    const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
    try {
        const net::proxy_reading made = net::read_proxy_datagram(text);
        if (made.what != net::proxy_reading::result::whole) {
            refuse(refusal::proxy, from);
            return false;
        }
        data = data.subspan(made.size);
        // A client at a unix socket has no address here: the proxy stands for it.
        if (made.header.about == net::proxy_header::subject::client &&
            made.header.from.kind() != net::family::unix_path)
            announce(made.header.from, from);
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

void datagram_session::announce(net::address client, net::address& from) noexcept {
    client.asked(from.asked());
    net::set_way_back(client, from);
    from = client;
}

void datagram_session::refuse(refusal why, const net::address& from) noexcept {
    lane_.shared().refused.note(why, from, lane_.home().now().time_since_epoch());
}

void datagram_session::crashed(std::exception_ptr why) noexcept {
    lane_.shared().failed("failed on a datagram", why);
}

bool datagram_session::cannot_receive(const std::error_code& why) noexcept {
    try {
        const std::string cause = cause_of(why.value());
        const auto place =
            std::exchange(fails_, true) ? trouble::failure::another : trouble::failure::first;
        lane_.shared().tell_trouble(lane_.home().now(), place, "receive", cause);
    } catch (const std::exception&) { // no memory for the text
    }
    return true;
}

void datagram_session::receives_again(std::size_t) noexcept {
    if (!std::exchange(fails_, false))
        return;
    try {
        lane_.shared().tell_run_ended(trouble::run_end::success, "receives");
    } catch (const std::exception&) { // no memory for the text
    }
}

} // namespace aio::server
