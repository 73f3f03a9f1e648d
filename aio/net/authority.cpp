#include <aio/base/visible.hpp>
#include <aio/net/address.hpp>
#include <aio/net/authority.hpp>
#include <aio/net/bind.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

namespace aio::net {

namespace {

std::string in_quotes(std::string_view text) {
    return "'" + base::visible(text, base::layout::one_line) + "'";
}

class reader {
  public:
    reader(std::string_view text, std::size_t offset, std::string_view example)
        : text_(text), offset_(offset), example_(example) {}

    std::variant<authority, target_mistake> read() {
        if (text_.empty())
            return wrong(0, "the host is missing");
        if (text_.front() == '[')
            return bracketed();
        const std::size_t colon = text_.find(':');
        if (colon != text_.npos && text_.find(':', colon + 1) != text_.npos)
            return two_colons(colon);
        if (const auto why = host_mistake(text_.substr(0, colon)))
            return *why;
        if (colon == text_.npos)
            return wrong(text_.size(), "the port is missing");
        return with_port(text_.substr(0, colon), colon + 1);
    }

  private:
    target_mistake wrong(std::size_t position, std::string text) const {
        return {offset_ + position, std::move(text), fmt::format("write it as in {}", example_)};
    }

    std::variant<authority, target_mistake> two_colons(std::size_t colon) const {
        if (address::parse(text_, 0) || address::missing_interface(text_))
            return target_mistake{
                offset_,
                fmt::format("an IPv6 address needs brackets: {}", in_quotes(text_)),
                fmt::format("write it as in [::1]:80")
            };
        return wrong(colon, "there are several colons");
    }

    std::optional<target_mistake> host_mistake(std::string_view host) const {
        if (host.empty())
            return wrong(0, "the host is missing");
        if (host != "*" && names_a_host(host))
            return std::nullopt;
        const auto bad = std::ranges::find_if(host, [](unsigned char c) {
            return c <= ' ' || c == '/' || c == '@' || c == 0x7f;
        });
        const auto at = static_cast<std::size_t>(bad - host.begin());
        return wrong(
            bad == host.end() ? 0 : at, in_quotes(host) + " is not a host name or an address"
        );
    }

    std::variant<authority, target_mistake> bracketed() const {
        const std::size_t close = text_.find(']');
        if (close == text_.npos)
            return wrong(text_.size(), "the bracket ']' is missing");
        const std::string host = with_plain_zone(text_.substr(1, close - 1));
        if (host.find(':') == host.npos ||
            (!address::parse(host, 0) && !address::missing_interface(host)))
            return wrong(1, in_quotes(host) + " is not an IPv6 address");
        if (close + 1 == text_.size())
            return wrong(close + 1, "the port is missing");
        if (text_[close + 1] != ':')
            return wrong(close + 1, "a colon and the port have to follow the bracket");
        return with_port(host, close + 2);
    }

    // RFC 6874 writes the % before the name of an interface as %25. Before a number it is a part of
    // that number.
    static std::string with_plain_zone(std::string_view host) {
        std::string plain(host);
        const std::size_t percent = plain.find("%25");
        const std::size_t next = percent + 3;
        if (percent != plain.npos && next < plain.size() &&
            (plain[next] < '0' || plain[next] > '9'))
            plain.erase(percent + 1, 2);
        return plain;
    }

    std::variant<authority, target_mistake>
    with_port(std::string_view host, std::size_t begin) const {
        const std::string_view digits = text_.substr(begin);
        if (digits.empty())
            return wrong(begin, "the port is missing");
        std::uint16_t port = 0;
        const char* const end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data(), end, port);
        if (read.ec == std::errc{} && read.ptr == end && port != 0)
            return authority{std::string(host), port};
        const bool number =
            std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
        if (number)
            return wrong(begin, fmt::format("the port {} is not between 1 and 65535", digits));
        if (read.ptr != digits.data())
            return wrong(
                begin + static_cast<std::size_t>(read.ptr - digits.data()),
                fmt::format("nothing may follow the port: {}", in_quotes({read.ptr, end}))
            );
        return wrong(begin, in_quotes(digits) + " is not a port");
    }

    std::string_view text_;
    std::size_t offset_;
    std::string_view example_;
};

} // namespace

std::variant<authority, target_mistake>
authority::parse(std::string_view text, std::size_t offset, std::string_view example) {
    return reader(text, offset, example).read();
}

std::string authority::text() const {
    return host.find(':') == host.npos ? fmt::format("{}:{}", host, port)
                                       : fmt::format("[{}]:{}", host, port);
}

std::optional<scheme_and_rest> split_scheme(std::string_view text) noexcept {
    const std::size_t end = text.find("://");
    if (end == text.npos)
        return std::nullopt;
    return scheme_and_rest{text.substr(0, end), text.substr(end + 3)};
}

std::invalid_argument target_mistake::as_error(std::string_view what) const {
    return std::invalid_argument(
        fmt::format("{}: {}{}{}", what, text, hint.empty() ? "" : "; ", hint)
    );
}

} // namespace aio::net
