#pragma once

// Networks such as 10.0.0.0/8, and sets of them: who may connect, and which addresses count as one
// client. Values; they look up no names.

#include <aio/base/api.hpp>
#include <aio/net/address.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::net {

/// Addresses with a common prefix, or all peers on unix sockets. An IPv4 network and its form in
/// IPv6 (::ffff:10.0.0.0/104) are the same one. No IPv6 network contains an IPv4 address, not even
/// ::/0.
class AIO_API network {
  public:
    /// The address without its port and interface, cut to the length of prefix for its family. A
    /// length that is longer than the address counts as the whole address. Nothing for an address
    /// of family::none.
    static std::optional<network> around(const address& member, unsigned v4, unsigned v6) noexcept;

    family kind() const noexcept { return kind_; }

    /// Of an IPv4 network 0 to 32, of an IPv6 network 0 to 128; 0 for unix sockets.
    unsigned prefix_length() const noexcept { return length_; }

    bool contains(const address& member) const noexcept;
    bool contains(const network& other) const noexcept;

    /// `10.0.0.0/8`, `unix`; a single address without a length: `10.0.0.1`, `::1`.
    std::string text() const;

    std::size_t hash(std::uint64_t seed) const noexcept;

    /// IPv4 before IPv6 before unix; then by address, then the shorter prefix first.
    friend auto operator<=>(const network&, const network&) = default;

  private:
    friend struct network_text;

    network(family kind, const std::array<unsigned char, 16>& bits, unsigned length) noexcept;

    family kind_ = family::none;
    std::array<unsigned char, 16> bits_{}; ///< an IPv4 address in the first four
    std::uint8_t length_ = 0;
};

/// What stands for the client when it is counted: its IPv4 address, or the /64 of its IPv6 address,
/// which is what a single machine is given. Nothing for peers on unix sockets, which are all alike,
/// and for family::none.
AIO_API std::optional<network>
key_of(const address& peer, unsigned v4 = 32, unsigned v6 = 64) noexcept;

/// A mistake in a list of networks.
struct network_mistake {
    std::size_t offset = 0; ///< of the entry, or of its part that is wrong
    std::size_t size = 0;
    std::string text;
    std::string hint; ///< empty: none
};

/// A set of networks. Looking an address up takes a binary search.
class AIO_API networks {
  public:
    networks() = default;

    /// The entries are separated by blanks or line ends: `10.0.0.0/8 ::1 fe80::/10 unix`. An
    /// address without a length stands for itself. Each wrong entry adds a mistake, and the others
    /// count.
    static networks parse(std::string_view text, std::vector<network_mistake>& mistakes);

    bool empty() const noexcept { return sorted_.empty(); }

    bool contains(const address& member) const noexcept;

    /// The entries that no other one contains, in order.
    const std::vector<network>& entries() const noexcept { return sorted_; }

    /// The entries, separated by blanks: parse() reads them back.
    std::string text() const;

    friend bool operator==(const networks&, const networks&) = default;

  private:
    std::vector<network> sorted_; ///< no entry contains another
};

/// Who may connect: nobody from `deny`; and if there is an `allow`, nobody else than those in it.
struct network_rules {
    networks allow;
    networks deny;

    bool empty() const noexcept { return allow.empty() && deny.empty(); }

    bool permit(const address& peer) const noexcept {
        return !deny.contains(peer) && (allow.empty() || allow.contains(peer));
    }

    friend bool operator==(const network_rules&, const network_rules&) = default;
};

} // namespace aio::net
