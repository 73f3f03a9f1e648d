#include <aio/base/visible.hpp>
#include <aio/net/tls_alpn.hpp>
#include <aio/net/tls_client.hpp>

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace aio::net {

std::vector<std::string> tls_client_rules::files() const {
    std::vector<std::string> all{ca, certificate, key};
    std::erase(all, "");
    return all;
}

tls_client& tls_client::ca(std::string path) {
    rules_.ca = std::move(path);
    return *this;
}

tls_client& tls_client::certificate(std::string path, std::string key_path) {
    rules_.certificate = std::move(path);
    rules_.key = std::move(key_path);
    return *this;
}

tls_client& tls_client::name(std::string host) {
    name_ = std::move(host);
    return *this;
}

tls_client& tls_client::alpn(std::vector<std::string> protocols, tls_alpn chosen) {
    (void)alpn_wire(protocols);
    rules_.alpn = std::move(protocols);
    rules_.chosen = chosen;
    return *this;
}

tls_client& tls_client::least(std::string version) {
    if (version != "1.2" && version != "1.3")
        throw std::invalid_argument(fmt::format(
            "TLS {} is not supported, only 1.2 and 1.3",
            base::visible(version, base::layout::one_line)
        ));
    rules_.least = std::move(version);
    return *this;
}

tls_client& tls_client::verify(tls_verify whether) {
    rules_.verify = whether;
    return *this;
}

} // namespace aio::net
