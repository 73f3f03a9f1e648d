#include <aio/net/proxy_header.hpp>
#include <aio/net/proxy_wire.hpp>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace aio::net {

namespace {

using namespace proxy_wire;

/// The family in which both addresses can be written. Mapped addresses count as IPv4.
unsigned char common_family(const proxy_header& header) noexcept {
    const auto a = header.from.unmapped().kind(), b = header.to.unmapped().kind();
    if (a == net::family::none || b == net::family::none)
        return unspecified;
    if (a == net::family::unix_path || b == net::family::unix_path)
        return a == b ? unix_path : unspecified;
    return a == net::family::v4 && b == net::family::v4 ? inet : inet6;
}

std::string big_endian(std::uint32_t value, std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = size; i > 0; value >>= 8)
        out[--i] = static_cast<char>(value & 0xff);
    return out;
}

/// The bytes of an IPv4 or IPv6 address in this family.
std::string bits_of(const address& from, unsigned char kind) {
    const address plain = from.unmapped();
    if (plain.kind() == net::family::v6) {
        const auto& form = *reinterpret_cast<const ::sockaddr_in6*>(plain.raw());
        return {reinterpret_cast<const char*>(&form.sin6_addr), 16};
    }
    const auto& form = *reinterpret_cast<const ::sockaddr_in*>(plain.raw());
    const std::string bits(reinterpret_cast<const char*>(&form.sin_addr), 4);
    return kind == inet ? bits : std::string(10, '\0') + "\xff\xff" + bits;
}

std::string text_of(const address& from, unsigned char kind) {
    char text[INET6_ADDRSTRLEN];
    const std::string bits = bits_of(from, kind);
    return ::inet_ntop(kind == inet ? AF_INET : AF_INET6, bits.data(), text, sizeof text);
}

std::string write_text(const proxy_header& header, unsigned char kind) {
    const bool sayable = header.about == proxy_header::subject::client && !header.datagram &&
                         (kind == inet || kind == inet6);
    if (!sayable)
        return "PROXY UNKNOWN\r\n";
    return fmt::format(
        "PROXY {} {} {} {} {}\r\n",
        kind == inet ? "TCP4" : "TCP6",
        text_of(header.from, kind),
        text_of(header.to, kind),
        header.from.port(),
        header.to.port()
    );
}

std::string path_of(const address& from) {
    std::string path = from.host();
    path.resize(unix_path_size, '\0');
    return path;
}

std::string addresses_of(const proxy_header& header, unsigned char kind) {
    if (kind == unix_path)
        return path_of(header.from) + path_of(header.to);
    return bits_of(header.from, kind) + bits_of(header.to, kind) +
           big_endian(header.from.port(), 2) + big_endian(header.to.port(), 2);
}

void check(bool fits) {
    if (!fits)
        throw std::length_error("what a PROXY header has to tell is too long for it");
}

void add(std::string& target, unsigned char type, std::string_view value) {
    check(value.size() < proxy_header::longest_binary);
    target += static_cast<char>(type);
    target += big_endian(static_cast<std::uint32_t>(value.size()), 2);
    target += value;
}

void add_told(std::string& target, unsigned char type, std::string_view value) {
    if (!value.empty())
        add(target, type, value);
}

std::string tls_value(const proxy_tls& about) {
    std::string out;
    out += static_cast<char>(uses_tls | (about.certificate ? certificate_now : 0));
    out += big_endian(about.verify, 4);
    add_told(out, tls_version, about.version);
    add_told(out, tls_common_name, about.common_name);
    return out;
}

std::string additions_of(const proxy_header& header) {
    check(header.unique_id.size() <= proxy_header::longest_unique_id);
    std::string out;
    add_told(out, alpn, header.alpn);
    add_told(out, authority, header.authority);
    add_told(out, unique_id, header.unique_id);
    if (header.tls)
        add(out, tls, tls_value(*header.tls));
    return out;
}

// The checksum comes first, where no wrong length of another addition can hide it.
std::string write_binary(const proxy_header& header, unsigned char kind, proxy_checksum sum) {
    const bool itself = header.about == proxy_header::subject::proxy;
    if (header.about != proxy_header::subject::client)
        kind = unspecified;
    const bool summed = kind != unspecified && sum == proxy_checksum::yes;
    std::string body;
    if (kind != unspecified)
        body = addresses_of(header, kind);
    const std::size_t sum_place = head_size + body.size() + tlv_head_size;
    if (summed)
        add(body, checksum, std::string(checksum_size, '\0'));
    if (kind != unspecified)
        body += additions_of(header);
    check(head_size + body.size() <= proxy_header::longest_binary);
    std::string out(binary_mark);
    out += static_cast<char>(itself ? local : proxied);
    out += static_cast<char>(kind == unspecified ? 0 : kind << 4 | (header.datagram ? 2 : 1));
    out += big_endian(static_cast<std::uint32_t>(body.size()), 2) + body;
    if (summed) {
        checksum_type made;
        made.process_bytes(out.data(), out.size());
        out.replace(sum_place, checksum_size, big_endian(made.checksum(), 4));
    }
    return out;
}

} // namespace

std::string write_proxy_header(const proxy_header& header, proxy_checksum sum) {
    const unsigned char kind = common_family(header);
    return header.version == proxy_header::format::text ? write_text(header, kind)
                                                        : write_binary(header, kind, sum);
}

} // namespace aio::net
