// Where a client connects to, and the proxy on the way: what is read is written so that it reads
// back the same, and a mistake lies inside the text.
#include <aio/net/target.hpp>
#include <aio/net/tunnel.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

using namespace aio;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto read = net::target::parse(text);
    if (const auto* found = std::get_if<net::target>(&read)) {
        if (net::target::parse(found->text()) != read)
            std::abort();
        (void)found->literal();
        (void)found->tls_name();
    } else if (std::get<net::target_mistake>(read).offset > size) {
        std::abort();
    }
    const auto proxy = net::http_proxy::parse(text);
    if (const auto* found = std::get_if<net::http_proxy>(&proxy)) {
        if (!std::holds_alternative<net::http_proxy>(net::http_proxy::parse(found->text())))
            std::abort();
    } else if (std::get<net::target_mistake>(proxy).offset > size) {
        std::abort();
    }
    return 0;
}
