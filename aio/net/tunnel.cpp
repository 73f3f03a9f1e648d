#include <aio/base/text.hpp>
#include <aio/base/visible.hpp>
#include <aio/net/tunnel.hpp>

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

namespace aio::net {

namespace {

constexpr std::string_view example = "http://proxy.example:3128";

std::optional<unsigned> hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
        return (c | 0x20) - 'a' + 10;
    return std::nullopt;
}

// The position of a bad escape, or the text.
std::variant<std::string, std::size_t> unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i];
            continue;
        }
        const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
        const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
        if (!low)
            return i;
        plain += static_cast<char>(*high * 16 + *low);
        i += 2;
    }
    return plain;
}

bool has_control(std::string_view text) noexcept {
    return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

std::string base64(std::string_view text) {
    std::string coded((text.size() + 2) / 3 * 4 + 1, '\0');
    const int size = ::EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(coded.data()),
        reinterpret_cast<const unsigned char*>(text.data()),
        static_cast<int>(text.size())
    );
    coded.resize(static_cast<std::size_t>(size));
    return coded;
}

std::optional<target_mistake>
read_credentials(http_proxy& into, std::string_view text, std::size_t offset) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view parts[] = {
        text.substr(0, colon), text.substr(std::min(colon + 1, text.size()))
    };
    std::string* const kept[] = {&into.user, &into.password};
    for (std::size_t i = 0; i < 2; ++i) {
        const std::size_t at = offset + (i == 0 ? 0 : colon + 1);
        auto plain = unescaped(parts[i]);
        if (const auto* bad = std::get_if<std::size_t>(&plain))
            return target_mistake{
                at + *bad, "a '%' is followed by two hexadecimal digits", "write %25 for a '%'"
            };
        *kept[i] = std::get<std::string>(std::move(plain));
        if (has_control(*kept[i]))
            return target_mistake{at, "control characters in the user or the password", {}};
    }
    if (into.user.empty())
        return target_mistake{offset, "the user is missing before the '@'", {}};
    if (into.user.find(':') != std::string::npos)
        return target_mistake{offset, "a user name may not contain a colon", {}};
    return std::nullopt;
}

target_mistake wrong_scheme(std::string_view text) {
    const auto split = split_scheme(text);
    if (!split)
        return {0, "the scheme is missing", fmt::format("write it as in {}", example)};
    return {
        0,
        fmt::format(
            "unknown kind of proxy '{}'", base::visible(split->scheme, base::layout::one_line)
        ),
        "there is http:// (the request CONNECT)"
    };
}

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

} // namespace

std::variant<http_proxy, target_mistake> http_proxy::parse(std::string_view text) {
    const auto split = split_scheme(text);
    if (!split || !base::equal_ignoring_case(split->scheme, "http"))
        return wrong_scheme(text);
    std::size_t offset = text.size() - split->rest.size();
    std::string_view rest = split->rest;
    http_proxy made;
    // A password may have an '@' of its own.
    if (const std::size_t at = rest.rfind('@'); at != rest.npos) {
        if (auto why = read_credentials(made, rest.substr(0, at), offset))
            return std::move(*why);
        offset += at + 1;
        rest.remove_prefix(at + 1);
    }
    if (rest.ends_with('/')) // http://proxy:3128/, as it stands in many environments
        rest.remove_suffix(1);
    auto read = authority::parse(rest, offset, example);
    if (auto* why = std::get_if<target_mistake>(&read))
        return std::move(*why);
    made.at = std::get<authority>(std::move(read));
    return made;
}

std::string http_proxy::text() const {
    return "http://" + at.text();
}

std::string tunnel_request(const authority& wanted, const http_proxy& proxy) {
    const bool plain = std::ranges::all_of(wanted.host, [](unsigned char c) {
        return c > ' ' && c != 0x7f && c != '%' && c != '/' && c != '@' && c != '[' && c != ']';
    });
    if (wanted.host.empty() || !plain)
        throw std::invalid_argument(fmt::format(
            "a proxy cannot be asked for the host '{}'",
            base::visible(wanted.host, base::layout::one_line)
        ));
    const std::string host = wanted.text();
    std::string made = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", host);
    if (!proxy.user.empty())
        made += "Proxy-Authorization: Basic " + base64(proxy.user + ":" + proxy.password) + "\r\n";
    return made + "\r\n";
}

std::size_t tunnel_reply::take(std::string_view bytes) {
    std::size_t i = 0;
    for (; i < bytes.size() && !over(); ++i) {
        if (++taken_ > most_bytes) {
            fail(fmt::format("the answer is longer than {} bytes", most_bytes));
            break;
        }
        if (bytes[i] == '\n')
            take_line();
        else
            line_ += bytes[i];
    }
    return i;
}

void tunnel_reply::take_line() {
    if (line_.ends_with('\r'))
        line_.pop_back();
    if (state_ == state::status_line)
        take_status();
    else if (line_.empty())
        end_of_fields();
    line_.clear();
}

// HTTP/1.1 200 Connection established
void tunnel_reply::take_status() {
    const std::string_view line = line_;
    const bool is_http = line.size() >= 12 && line.starts_with("HTTP/1.") && is_digit(line[7]) &&
                         line[8] == ' ' && std::ranges::all_of(line.substr(9, 3), is_digit) &&
                         (line.size() == 12 || line[12] == ' ') && line[9] != '0';
    if (!is_http)
        return fail(fmt::format(
            "it does not answer in HTTP/1.1: '{}'",
            base::visible(line.substr(0, 60), base::layout::one_line)
        ));
    status_ = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    reason_ = base::visible(
        base::strip(line.substr(std::min<std::size_t>(13, line.size())).substr(0, 100)),
        base::layout::one_line
    );
    state_ = state::fields;
}

// What 2xx says about a body means nothing for a tunnel. 101 is a protocol that nobody asked for.
void tunnel_reply::end_of_fields() {
    if (status_ < 200 && status_ != 101) {
        state_ = state::status_line;
    } else if (status_ >= 200 && status_ < 300) {
        state_ = state::open;
    } else {
        state_ = state::refused;
        why_ = fmt::format("{}{}{}", status_, reason_.empty() ? "" : " ", reason_);
        if (status_ == 407)
            why_ += ": it wants a user and a password, or others than these";
    }
}

void tunnel_reply::end_of_stream() {
    if (!over())
        fail(
            taken_ == 0 ? "it ended the connection without an answer"
                        : "it ended the connection inside its answer"
        );
}

void tunnel_reply::fail(std::string why) {
    state_ = state::wrong;
    why_ = std::move(why);
}

} // namespace aio::net
