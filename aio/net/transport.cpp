#include <aio/net/tls_session.hpp>
#include <aio/net/transport_core.hpp>

namespace aio::net {

void transport::write(std::span<const std::byte> data) {
    static_cast<transport_core*>(this)->write(data);
}

void transport::write(std::string_view text) {
    static_cast<transport_core*>(this)->write(std::as_bytes(std::span(text.data(), text.size())));
}

void transport::write(std::initializer_list<bytes> pieces) {
    write(std::span(pieces));
}

void transport::write(std::span<const bytes> pieces) {
    static_cast<transport_core*>(this)->write(pieces);
}

void transport::send_file(int file, std::uint64_t offset, std::uint64_t size) {
    static_cast<transport_core*>(this)->send_file(file, offset, size);
}

void transport::close() noexcept {
    static_cast<transport_core*>(this)->close();
}

void transport::abort() noexcept {
    static_cast<transport_core*>(this)->abort();
}

void transport::shutdown() noexcept {
    static_cast<transport_core*>(this)->shutdown();
}

void transport::pause_reading() noexcept {
    static_cast<transport_core*>(this)->pause_reading();
}

void transport::resume_reading() noexcept {
    static_cast<transport_core*>(this)->resume_reading();
}

std::size_t transport::buffered() const noexcept {
    return static_cast<const transport_core*>(this)->buffered();
}

std::size_t transport::kept_files() const noexcept {
    return static_cast<const transport_core*>(this)->kept_files();
}

void transport::high_water(std::size_t bytes) noexcept {
    static_cast<transport_core*>(this)->high_water(bytes);
}

void transport::max_buffered(std::size_t bytes) noexcept {
    static_cast<transport_core*>(this)->max_buffered(bytes);
}

void transport::expires_in(base::duration time) {
    auto* const core = static_cast<transport_core*>(this);
    core->expires_at(async::later(core->on().home().now(), time));
}

void transport::expires_at(async::time_point when) {
    static_cast<transport_core*>(this)->expires_at(when);
}

void transport::expires_never() {
    static_cast<transport_core*>(this)->expires_at(async::never);
}

void transport::patience(
    std::optional<base::duration> reading, std::optional<base::duration> writing
) {
    static_cast<transport_core*>(this)->patience({reading, writing});
}

net::end_reason transport::end_reason() const noexcept {
    return static_cast<const transport_core*>(this)->ended_by();
}

address transport::socket_peer() const {
    return static_cast<const transport_core*>(this)->connection::socket_peer();
}

const proxy_header* transport::announced() const noexcept {
    return static_cast<const transport_core*>(this)->connection::announced();
}

address transport::peer() const {
    return static_cast<const transport_core*>(this)->connection::peer();
}

address transport::local() const {
    return static_cast<const transport_core*>(this)->connection::local();
}

std::string_view transport::tls_version() const noexcept {
    const auto* tls = static_cast<const transport_core*>(this)->tls();
    return tls ? tls->version() : std::string_view();
}

std::string transport::tls_peer() const {
    const auto* tls = static_cast<const transport_core*>(this)->tls();
    return tls ? tls->peer() : std::string();
}

certificate transport::peer_certificate() const {
    const auto* tls = static_cast<const transport_core*>(this)->tls();
    return tls ? tls->peer_certificate() : certificate();
}

std::string_view transport::alpn() const noexcept {
    const auto* tls = static_cast<const transport_core*>(this)->tls();
    return tls ? tls->alpn() : std::string_view();
}

bool transport::resumed() const noexcept {
    const auto* tls = static_cast<const transport_core*>(this)->tls();
    return tls && tls->resumed();
}

const boost::asio::any_io_executor& transport::executor() const noexcept {
    return static_cast<const transport_core*>(this)->on().executor();
}

} // namespace aio::net
