#include <aio/base/exception.hpp>
#include <aio/base/mistake.hpp>
#include <aio/client/datagram_session.hpp>
#include <aio/protocols/handler.hpp>

#include <utility>
#include <variant>

namespace aio::client {

datagram_session::datagram_session(
    shared& all, net::poller& poller, net::socket connected, end_handler ended
)
    : session(all, std::move(ended)), datagram_core(poller, std::move(connected)) {
    count(all.counted.traffic);
}

datagram_session::~datagram_session() {
    forget();
}

void datagram_session::begin() {
    try {
        auto made = std::get<protocols::datagram_maker>(*all_.plan->protocol)(*all_.given);
        datagram_core::begin(std::move(made));
    } catch (...) {
        delete this;
        throw;
    }
}

void datagram_session::tell() noexcept {
    end_input();
    finish();
}

void datagram_session::cancel() noexcept {
    close();
}

void datagram_session::over() noexcept {
    protocol_ended(nullptr);
    delete this;
}

// The socket stays open.
void datagram_session::crashed(std::exception_ptr why) noexcept {
    if (base::is_mistake(why))
        all_.mistaken(std::move(why));
    else
        all_.log.error("Client({}) failed on a datagram: {}", all_.label, base::message_of(why));
}

std::string datagram_session::unfinished() const {
    return "the socket for " + peer().text() + " waits for its protocol to close it";
}

} // namespace aio::client
