#include <aio/net/stream.hpp>
#include <aio/net/stream_core.hpp>
#include <aio/net/tls_session.hpp>

#include <utility>

namespace aio::net {

stream& stream::operator=(stream&& from) noexcept {
    if (this != &from) {
        if (core_)
            core_->leave();
        core_ = std::exchange(from.core_, nullptr);
    }
    return *this;
}

stream::~stream() {
    if (core_)
        core_->leave();
}

task<chunk> stream::read() {
    return core_->read();
}

task<std::size_t> stream::read_some(std::span<std::byte> into) {
    return core_->read_some(into);
}

namespace {

task<std::optional<std::string>> line(stream_core* core, std::size_t limit) {
    std::string text = co_await core->read_until("\n", limit);
    if (text.empty())
        co_return std::nullopt;
    if (text.back() == '\n')
        text.pop_back();
    if (!text.empty() && text.back() == '\r')
        text.pop_back();
    co_return std::optional<std::string>(std::move(text));
}

} // namespace

task<void> stream::read_exactly(std::span<std::byte> into) {
    return core_->read_exactly(into);
}

task<std::string> stream::read_until(std::string delimiter, std::size_t limit) {
    return core_->read_until(std::move(delimiter), limit);
}

task<std::optional<std::string>> stream::read_line(std::size_t limit) {
    return line(core_, limit);
}

task<std::string> stream::read_to_end(std::size_t limit) {
    return core_->read_to_end(limit);
}

task<bytes> stream::peek(std::size_t least) {
    return core_->peek(least);
}

void stream::consume(std::size_t count) noexcept {
    core_->consume(count);
}

net::end_reason stream::end_reason() const noexcept {
    return core_->ended_by();
}

task<void> stream::write(std::span<const std::byte> data) {
    return core_->write(data);
}

task<void> stream::write(std::string_view text) {
    return core_->write(std::as_bytes(std::span(text.data(), text.size())));
}

task<void> stream::write(const char* text) {
    return write(std::string_view(text));
}

task<void> stream::write(std::initializer_list<bytes> pieces) {
    return core_->write(std::span(pieces));
}

task<void> stream::write(std::span<const bytes> pieces) {
    return core_->write(pieces);
}

task<void> stream::send_file(int file, std::uint64_t offset, std::uint64_t size) {
    return core_->send_file(file, offset, size);
}

void stream::expires_in(base::duration time) {
    core_->expires_at(async::later(core_->on().home().now(), time));
}

void stream::expires_at(async::time_point when) {
    core_->expires_at(when);
}

void stream::expires_never() {
    core_->expires_at(async::never);
}

void stream::patience(
    std::optional<base::duration> reading, std::optional<base::duration> writing
) {
    core_->patience({reading, writing});
}

task<void> stream::shutdown() {
    return core_->shutdown();
}

void stream::close() noexcept {
    core_->close();
}

void stream::abort() noexcept {
    core_->abort();
}

address stream::socket_peer() const {
    return core_->socket_peer();
}

const proxy_header* stream::announced() const noexcept {
    return core_->announced();
}

address stream::peer() const {
    return core_->peer();
}

address stream::local() const {
    return core_->local();
}

std::string_view stream::tls_version() const noexcept {
    return core_->tls() ? core_->tls()->version() : std::string_view();
}

std::string stream::tls_peer() const {
    return core_->tls() ? core_->tls()->peer() : std::string();
}

certificate stream::peer_certificate() const {
    return core_->tls() ? core_->tls()->peer_certificate() : certificate();
}

std::string_view stream::alpn() const noexcept {
    return core_->tls() ? core_->tls()->alpn() : std::string_view();
}

bool stream::resumed() const noexcept {
    return core_->tls() && core_->tls()->resumed();
}

boost::asio::any_io_executor stream::executor() const {
    return core_->on().executor();
}

} // namespace aio::net
