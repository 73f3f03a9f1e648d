#include <aio/async/loop.hpp>
#include <aio/server/farewell.hpp>
#include <aio/server/lane.hpp>

#include <span>
#include <utility>

namespace aio::server {

farewell::farewell(lane& owner, net::poller& poller, net::accepted connected)
    : connection(poller, connected.at.release(), connected.peer), lane_(owner) {
    if (connected.over)
        plug(std::move(connected.over));
}

farewell::~farewell() {
    lane_.home().remove_timer(*this);
}

bool farewell::say(std::string_view word) noexcept {
    if (!word.empty() && send(std::as_bytes(std::span(word))).size != word.size())
        return false;
    return half_close();
}

void farewell::wait() {
    start();
    lane_.home().add_timer(*this, async::later(lane_.home().now(), time));
}

void farewell::ready(std::uint32_t) {
    const std::span<std::byte> room = on().buffers().shared();
    while (ignored_ <= most_ignored) {
        const net::outcome got = receive_raw(room);
        if (got.later)
            return;
        if (!got.done())
            break;
        ignored_ += got.size;
    }
    lane_.remove(*this);
}

void farewell::fire() {
    lane_.remove(*this);
}

} // namespace aio::server
