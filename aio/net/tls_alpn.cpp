#include <aio/base/visible.hpp>
#include <aio/net/tls_alpn.hpp>

#include <fmt/format.h>

#include <stdexcept>

namespace aio::net {

namespace {

constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_list = 65535;

/// Takes the first name off a list; nothing at the end, and for a list that is cut off.
std::optional<std::string_view> take_name(std::string_view& list) {
    if (list.empty())
        return std::nullopt;
    const auto size = static_cast<std::size_t>(static_cast<unsigned char>(list.front()));
    if (size == 0 || size > list.size() - 1)
        return std::nullopt;
    const std::string_view name = list.substr(1, size);
    list.remove_prefix(1 + size);
    return name;
}

bool has(std::string_view list, std::string_view name) {
    while (const auto each = take_name(list))
        if (*each == name)
            return true;
    return false;
}

} // namespace

std::string alpn_wire(const std::vector<std::string>& protocols) {
    std::string made;
    for (const std::string& each : protocols) {
        if (each.empty())
            throw std::invalid_argument("an application protocol (ALPN) has no empty name");
        if (each.size() > longest_name)
            throw std::invalid_argument(fmt::format(
                "the name of an application protocol (ALPN) has at most {} bytes, '{}…' has {}",
                longest_name,
                base::visible(each.substr(0, 20), base::layout::one_line),
                each.size()
            ));
        made += static_cast<char>(each.size());
        made += each;
    }
    if (made.size() > longest_list)
        throw std::invalid_argument("these are more application protocols (ALPN) than TLS can send"
        );
    return made;
}

std::optional<std::string_view> choose_alpn(std::string_view ours, std::string_view offered) {
    while (const auto each = take_name(ours))
        if (has(offered, *each))
            return each;
    return std::nullopt;
}

} // namespace aio::net
