#include <aio/async/loop.hpp>
#include <aio/net/bind.hpp>
#include <aio/server/listening.hpp>
#include <aio/server/standard.hpp>

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>
#include <utility>
#include <vector>

namespace aio::server {

namespace {

constexpr int backlog = 1024;
constexpr std::size_t most_connections = 10000;

template <typename T>
std::optional<T> declared(const config::options& section, std::string_view name) {
    try {
        return section.find<T>(name);
    } catch (const config::option_error&) {
        return std::nullopt;
    }
}

} // namespace

std::optional<std::string> address_of(const config::options& section) {
    const auto typed = declared<std::string>(section, "address");
    return typed ? typed : section.text("address");
}

std::optional<std::uint16_t> port_of(const config::options& section) {
    if (const auto typed = declared<std::int64_t>(section, "port"))
        return port_of(fmt::format("{}", *typed));
    if (const auto text = section.text("port"))
        return port_of(*text);
    return std::nullopt;
}

std::uint16_t port_of(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (failed != std::errc{} || end != text.data() + text.size())
        throw std::invalid_argument(fmt::format("port '{}' is no number from 0 to 65535", text));
    return port;
}

std::unique_ptr<handle> listen(async::loop& at, const listening& what) {
    net::bind_request where;
    where.addresses = {what.address};
    where.port = what.port;
    stream_handler each = [serve = what.serve](net::stream with, context) {
        return serve(std::move(with));
    };
    auto shared = std::make_shared<serving>(
        context(what.given.shared_data()), handler(std::move(each)), what.given.log()
    );
    shared->label = what.given.name();
    shared->section = what.owner;
    shared->most = most_connections;
    return std::make_unique<standard>(
        at, std::vector<async::loop*>{&at}, net::bind(where), backlog, std::move(shared)
    );
}

} // namespace aio::server
