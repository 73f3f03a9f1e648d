// The answer of an HTTP proxy: it means the same in any slices, it has a bound, and what follows it
// is not touched. The first byte is the size of the slices. A request has the lines that it should
// have, whatever the host.
#include <aio/net/tunnel.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

using namespace aio;

namespace {

struct outcome {
    net::tunnel_reply::state end;
    std::size_t taken;
    int status;
    std::string why;

    friend bool operator==(const outcome&, const outcome&) = default;
};

outcome read(std::string_view bytes, std::size_t slice) {
    net::tunnel_reply reply;
    std::size_t taken = 0;
    while (taken < bytes.size() && !reply.over())
        taken += reply.take(bytes.substr(taken, slice));
    if (reply.over() && reply.take("x") != 0)
        std::abort();
    return {reply.now(), taken, reply.status(), reply.why()};
}

void request(std::string_view host) {
    try {
        const net::http_proxy proxy{{"p", 1}, std::string(host.substr(0, 8)), std::string(host)};
        const std::string made = net::tunnel_request({std::string(host), 443}, proxy);
        const auto lines = std::ranges::count(made, '\n');
        if (lines != (proxy.user.empty() ? 3 : 4) || !made.ends_with("\r\n\r\n"))
            std::abort();
    } catch (const std::invalid_argument&) {
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    const outcome whole = read(bytes, bytes.size());
    if (read(bytes, 1 + data[0] % 64) != whole || whole.taken > net::tunnel_reply::most_bytes)
        std::abort();
    request(bytes);
    return 0;
}
