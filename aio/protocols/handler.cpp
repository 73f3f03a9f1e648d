#include <aio/protocols/handler.hpp>

namespace aio::protocols {

std::string_view describe(const handler& protocol) noexcept {
    switch (protocol.index()) {
    case 0:
        return "a coroutine of a stream";
    case 1:
        return "a protocol";
    default:
        return "a datagram protocol";
    }
}

} // namespace aio::protocols
