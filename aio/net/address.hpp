#pragma once

// The address of a socket: IPv4 or IPv6 with a port, or the path of a unix socket. A value.

#include <aio/base/api.hpp>
#include <aio/base/system_reason.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sockaddr;

namespace aio::net {

enum class family : std::uint8_t { none, v4, v6, unix_path };

class AIO_API address {
  public:
    address() noexcept = default;

    /// A literal address: `127.0.0.1`, `::1`, `[::1]`, `fe80::1%eth0`. `::ffff:127.0.0.1` becomes
    /// the IPv4 address that it stands for. Nothing for anything else, host names too: those are
    /// for resolve(). An interface that is not there: see missing_interface().
    static std::optional<address> parse(std::string_view literal, std::uint16_t port);
    /// The interface that keeps a literal such as `fe80::1%eth0` from being an address of this
    /// machine, because there is none of that name. Nothing for any other text.
    static std::optional<std::string> missing_interface(std::string_view literal);
    /// `127.0.0.1:80`, `[::1]:80`.
    static std::optional<address> parse_with_port(std::string_view text);
    /// Nothing when the path is empty or too long for a socket (107 bytes).
    static std::optional<address> unix_socket(std::string_view path);
    /// A unix socket whose name is no file. Nothing when the name is empty or too long (107 bytes).
    static std::optional<address> abstract_socket(std::string_view name);
    /// From the form of the system. An unknown family becomes family::none.
    static address from(const ::sockaddr* from, std::size_t size) noexcept;

    family kind() const noexcept;
    std::uint16_t port() const noexcept; ///< 0 for unix sockets
    void port(std::uint16_t value) noexcept;
    /// Without the port: `127.0.0.1`, `::1`, the path, `@` with the name of an abstract socket;
    /// `::ffff:1.2.3.4` prints as `1.2.3.4`.
    std::string host() const;
    /// `127.0.0.1:80`, `[::1]:80`, the path; empty for none and for unnamed unix sockets.
    std::string text() const;
    bool loopback() const noexcept;
    /// An address of a group, IPv4 or IPv6.
    bool multicast() const noexcept;
    /// `255.255.255.255`.
    bool broadcast() const noexcept;
    /// An address that means something only together with an interface, and has none.
    bool lacks_interface() const noexcept;
    /// The IPv4 address that an address such as `::ffff:127.0.0.1` stands for; any other as it is.
    address unmapped() const noexcept;

    const ::sockaddr* raw() const noexcept;
    ::sockaddr* raw() noexcept;

    std::uint32_t size() const noexcept { return size_; }

    void size(std::uint32_t bytes) noexcept { size_ = bytes; }

    static constexpr std::uint32_t capacity = 112;

    /// Of a datagram's sender: the address of ours that the datagram was sent to. An answer leaves
    /// from there. Port 0; family::none when it is not known. Copies keep it, == ignores it.
    address asked() const noexcept;
    /// An address of ours, IPv4 or IPv6. Another kind is not kept.
    void asked(const address& ours) noexcept;

    /// `::ffff:127.0.0.1` equals `127.0.0.1`.
    friend AIO_API bool operator==(const address& a, const address& b) noexcept;

  private:
    alignas(8) unsigned char store_[capacity]{};
    std::uint32_t size_ = 0;
    std::array<unsigned char, 16> asked_{};
    std::uint32_t asked_scope_ = 0;
    family asked_kind_ = family::none;
};

/// The failure of a literal whose interface is missing.
AIO_API base::system_failure no_interface(std::string_view literal, std::string_view interface);

/// All addresses of a host name or a literal one, through the system's resolver; blocks. `wanted`:
/// of this family only; family::none: of all. Throws std::system_error with the resolver's reason,
/// naming the host.
AIO_API std::vector<address>
resolve(std::string_view host, std::uint16_t port, family wanted = family::none);

} // namespace aio::net
