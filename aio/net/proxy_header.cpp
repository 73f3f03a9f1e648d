#include <aio/net/proxy_reader.hpp>
#include <aio/net/proxy_wire.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace aio::net {

namespace {

using namespace proxy_reader;
using namespace proxy_wire;

/// Takes the text before the next blank, and the blank.
std::string_view take_word(std::string_view& from) noexcept {
    const std::string_view word = from.substr(0, from.find(' '));
    from.remove_prefix(std::min(word.size() + 1, from.size()));
    return word;
}

std::optional<std::uint16_t> port_of(std::string_view digits) noexcept {
    std::uint16_t port = 0;
    const char* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, port);
    if (parsed.ec != std::errc{} || parsed.ptr != end)
        return std::nullopt;
    const bool padded = digits.size() > 1 && digits.front() == '0';
    return padded ? std::nullopt : std::optional(port);
}

/// An address of this family without brackets and interface.
std::optional<address>
address_of(std::string_view literal, bool v6, std::optional<std::uint16_t> port) {
    const bool colons = literal.find(':') != literal.npos;
    if (!port || colons != v6 || literal.find_first_of("[%") != literal.npos)
        return std::nullopt;
    return address::parse(literal, *port);
}

proxy_reading read_line(std::string_view line, std::size_t size) {
    proxy_header out;
    out.version = proxy_header::format::text;
    out.about = proxy_header::subject::unknown;
    std::string_view rest = line;
    const std::string_view protocol = take_word(rest);
    if (protocol == "UNKNOWN")
        return whole(size, std::move(out));
    if (protocol != "TCP4" && protocol != "TCP6")
        return wrong("the protocol is none of TCP4, TCP6, UNKNOWN");
    if (std::ranges::count(line, ' ') != 4)
        return wrong("after the protocol there are not two addresses and two ports");
    const bool v6 = protocol == "TCP6";
    const std::string_view from = take_word(rest), to = take_word(rest);
    const auto from_port = port_of(take_word(rest)), to_port = port_of(take_word(rest));
    if (!from_port || !to_port)
        return wrong("a port is not a number from 0 to 65535");
    const auto source = address_of(from, v6, from_port), target = address_of(to, v6, to_port);
    if (!source || !target)
        return wrong("an address is not one of the announced protocol");
    out.about = proxy_header::subject::client;
    out.from = *source;
    out.to = *target;
    return whole(size, std::move(out));
}

proxy_reading read_text(std::string_view bytes) {
    const std::string_view head = bytes.substr(0, text_mark.size());
    if (!text_mark.starts_with(head))
        return wrong("it does not begin with a header");
    const std::string_view most = bytes.substr(0, proxy_header::longest_text);
    const std::size_t end = most.find_first_of("\r\n"sv);
    if (end == most.npos || (most[end] == '\r' && end + 1 == most.size()))
        return most.size() == proxy_header::longest_text
                   ? wrong("the line is longer than 107 bytes")
                   : more(bytes.size() + 1);
    if (most[end] == '\n' || most[end + 1] != '\n')
        return wrong("the line does not end with CR LF");
    return read_line(most.substr(head.size(), end - head.size()), end + 2);
}

} // namespace

proxy_reading read_proxy_header(std::string_view bytes) {
    if (bytes.empty())
        return more(1);
    return bytes.front() == binary_mark.front() ? read_binary(bytes) : read_text(bytes);
}

proxy_reading read_proxy_datagram(std::string_view datagram) {
    if (text_mark.starts_with(datagram.substr(0, text_mark.size())))
        return wrong("version 1 is not for datagrams");
    proxy_reading made = read_proxy_header(datagram);
    if (made.what == proxy_reading::result::more)
        return wrong("the datagram ends in the header");
    const bool of_client = made.header.about == proxy_header::subject::client;
    if (made.what == proxy_reading::result::whole && of_client && !made.header.datagram)
        return wrong("the header is that of a connection");
    return made;
}

} // namespace aio::net
