#include <aio/net/networks.hpp>

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace aio::net {

namespace {

using bit_array = std::array<unsigned char, 16>;

constexpr unsigned whole(family kind) noexcept {
    return kind == family::v4 ? 32 : kind == family::v6 ? 128 : 0;
}

bit_array cut(bit_array bits, unsigned length) noexcept {
    std::size_t kept = length / 8;
    if (const unsigned rest = length % 8)
        bits[kept++] &= static_cast<unsigned char>(0xff << (8 - rest));
    std::fill(bits.begin() + static_cast<std::ptrdiff_t>(kept), bits.end(), 0);
    return bits;
}

std::uint64_t mixed(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

} // namespace

network::network(family kind, const bit_array& bits, unsigned length) noexcept
    : kind_(kind), bits_(cut(bits, length)), length_(static_cast<std::uint8_t>(length)) {}

std::optional<network> network::around(const address& member, unsigned v4, unsigned v6) noexcept {
    const address plain = member.unmapped();
    bit_array bits{};
    switch (plain.kind()) {
    case family::v4:
        std::memcpy(bits.data(), &reinterpret_cast<const ::sockaddr_in*>(plain.raw())->sin_addr, 4);
        return network(family::v4, bits, std::min(v4, 32U));
    case family::v6:
        std::memcpy(
            bits.data(), &reinterpret_cast<const ::sockaddr_in6*>(plain.raw())->sin6_addr, 16
        );
        return network(family::v6, bits, std::min(v6, 128U));
    case family::unix_path:
        return network(family::unix_path, bits, 0);
    case family::none:
        break;
    }
    return std::nullopt;
}

bool network::contains(const network& other) const noexcept {
    return kind_ == other.kind_ && length_ <= other.length_ && cut(other.bits_, length_) == bits_;
}

bool network::contains(const address& member) const noexcept {
    const std::optional<network> single = around(member, 32, 128);
    return single && contains(*single);
}

std::string network::text() const {
    if (kind_ == family::unix_path)
        return "unix";
    std::string host;
    if (kind_ == family::v4) {
        host = fmt::format("{}.{}.{}.{}", bits_[0], bits_[1], bits_[2], bits_[3]);
    } else {
        ::sockaddr_in6 form{};
        form.sin6_family = AF_INET6;
        std::memcpy(&form.sin6_addr, bits_.data(), bits_.size());
        host = address::from(reinterpret_cast<const ::sockaddr*>(&form), sizeof form).host();
    }
    return length_ == whole(kind_) ? host : fmt::format("{}/{}", host, length_);
}

std::size_t network::hash(std::uint64_t seed) const noexcept {
    std::uint64_t high = 0, low = 0;
    std::memcpy(&high, bits_.data(), 8);
    std::memcpy(&low, bits_.data() + 8, 8);
    const auto shape = static_cast<std::uint64_t>(kind_) << 8 | length_;
    return mixed(mixed(mixed(seed ^ high) + low) ^ shape);
}

std::optional<network> key_of(const address& peer, unsigned v4, unsigned v6) noexcept {
    if (peer.kind() == family::unix_path)
        return std::nullopt;
    return network::around(peer, v4, v6);
}

/// One entry of a list.
struct network_text {
    std::string_view entry;
    std::size_t offset; ///< in the list
    std::vector<network_mistake>& mistakes;

    std::optional<network> read() const {
        if (entry == "unix")
            return network(family::unix_path, {}, 0);
        if (entry.find_first_of(",;") != entry.npos)
            return wrong_host(entry);
        const std::size_t slash = entry.find('/');
        const std::string_view host = entry.substr(0, slash);
        const auto literal = address::parse(host, 0);
        if (!literal || host.find_first_of("[%") != host.npos)
            return wrong_host(host);
        // Folding an address to IPv4 also shortens its prefix.
        const bool folded = literal->kind() == family::v4 && host.find(':') != host.npos;
        const unsigned most = folded ? 128 : whole(literal->kind());
        const unsigned least = folded ? 96 : 0;
        unsigned length = most;
        if (slash != entry.npos) {
            const auto read = read_length(entry.substr(slash + 1), most);
            if (!read)
                return std::nullopt;
            length = *read;
        }
        if (length < least)
            return wrong(
                slash + 1,
                entry.size() - slash - 1,
                fmt::format("'{}' cuts into the part that says IPv4", entry),
                "IPv4 networks are written as 10.0.0.0/8; IPv6 networks never contain them"
            );
        return checked(*literal, length - least);
    }

  private:
    std::optional<unsigned> read_length(std::string_view digits, unsigned most) const {
        unsigned length = 0;
        bool good = !digits.empty() && digits.size() <= 3;
        for (const char c : digits.substr(0, 3)) {
            good = good && c >= '0' && c <= '9';
            length = length * 10 + static_cast<unsigned>(c - '0');
        }
        good = good && length <= most && (digits.size() == 1 || digits.front() != '0');
        if (good)
            return length;
        const std::size_t place = entry.size() - digits.size();
        wrong(
            digits.empty() ? place - 1 : place,
            std::max<std::size_t>(1, digits.size()),
            fmt::format("the prefix length of '{}' is not a number from 0 to {}", entry, most),
            digits.find('.') != digits.npos ? "a mask such as 255.0.0.0 is written as its length, 8"
                                            : ""
        );
        return std::nullopt;
    }

    std::optional<network> checked(const address& literal, unsigned length) const {
        const auto made = network::around(literal, length, length);
        const auto single = network::around(literal, 32, 128);
        if (made->bits_ == single->bits_)
            return made;
        return wrong(
            0,
            entry.size(),
            fmt::format("'{}' has bits set after its prefix", entry),
            fmt::format("the network is {}, the address alone {}", made->text(), single->text())
        );
    }

    std::optional<network> wrong_host(std::string_view host) const {
        const std::size_t comma = entry.find_first_of(",;");
        std::string hint = "such as 10.0.0.0/8, 192.0.2.7, 2001:db8::/32, unix";
        if (comma != entry.npos)
            hint = fmt::format("separate entries by blanks or lines, not by '{}'", entry[comma]);
        else if (host.find('%') != host.npos)
            hint = "without the interface: a network holds for all of them";
        else if (host.starts_with('['))
            hint = "without brackets";
        else if (names_something(host))
            hint = "names are not looked up; write the addresses";
        return wrong(
            0, entry.size(), fmt::format("'{}' is neither an address nor a network", entry), hint
        );
    }

    static bool names_something(std::string_view host) noexcept {
        return std::ranges::any_of(host, [](char c) { return c >= 'g' && c <= 'z'; }) &&
               host.find(':') == host.npos;
    }

    std::optional<network>
    wrong(std::size_t place, std::size_t size, std::string text, std::string hint) const {
        mistakes.push_back({offset + place, size, std::move(text), std::move(hint)});
        return std::nullopt;
    }
};

networks networks::parse(std::string_view text, std::vector<network_mistake>& mistakes) {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    std::vector<network> all;
    for (std::size_t start = text.find_first_not_of(blanks); start != text.npos;) {
        const std::size_t end = std::min(text.find_first_of(blanks, start), text.size());
        if (const auto read = network_text{text.substr(start, end - start), start, mistakes}.read())
            all.push_back(*read);
        start = text.find_first_not_of(blanks, end);
    }
    std::ranges::sort(all);
    networks out;
    for (const network& each : all)
        if (out.sorted_.empty() || !out.sorted_.back().contains(each))
            out.sorted_.push_back(each);
    return out;
}

// No entry contains another, so only the last one that begins at or before the member can.
bool networks::contains(const address& member) const noexcept {
    if (sorted_.empty())
        return false;
    const auto single = network::around(member, 32, 128);
    if (!single)
        return false;
    const auto after = std::ranges::upper_bound(sorted_, *single);
    return after != sorted_.begin() && std::prev(after)->contains(*single);
}

std::string networks::text() const {
    std::string all;
    for (const network& each : sorted_)
        all.append(all.empty() ? "" : " ").append(each.text());
    return all;
}

} // namespace aio::net
