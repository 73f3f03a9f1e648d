#include <aio/net/proxy_reader.hpp>
#include <aio/net/proxy_wire.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace aio::net {

using namespace proxy_reader;
using namespace proxy_wire;

namespace {

std::uint32_t number_in(std::string_view bytes) noexcept {
    std::uint32_t value = 0;
    for (const char each : bytes)
        value = value << 8 | static_cast<unsigned char>(each);
    return value;
}

/// One addition: type, length, value. Takes it from the front.
struct addition {
    unsigned char type = 0;
    std::string_view value;

    static std::optional<addition> take(std::string_view& from) noexcept {
        if (from.size() < tlv_head_size)
            return std::nullopt;
        const std::size_t size = number_in(from.substr(1, 2));
        if (from.size() - tlv_head_size < size)
            return std::nullopt;
        const addition out{
            static_cast<unsigned char>(from.front()), from.substr(tlv_head_size, size)
        };
        from.remove_prefix(tlv_head_size + size);
        return out;
    }
};

void set_once(std::string& target, std::string_view value) {
    if (target.empty())
        target = value;
}

/// A binary header all of whose bytes are there.
class binary_header {
  public:
    explicit binary_header(std::string_view bytes) noexcept : all_(bytes) {}

    proxy_reading read() {
        const auto kind = static_cast<unsigned char>(static_cast<unsigned char>(all_[13]) >> 4);
        std::string_view rest = all_.substr(head_size);
        if (rest.size() < address_size(kind))
            return wrong("the length leaves no room for the addresses");
        out_.about = proxy_header::subject::client;
        out_.datagram = (all_[13] & 0xf) == 2;
        read_addresses(kind, rest.substr(0, address_size(kind)));
        rest.remove_prefix(address_size(kind));
        while (!rest.empty()) {
            const auto next = addition::take(rest);
            if (!next)
                return wrong("an addition is longer than the header");
            if (const std::string_view mistake = read_addition(*next); !mistake.empty())
                return wrong(mistake);
        }
        return sum_is_right() ? whole(all_.size(), std::move(out_))
                              : wrong("the checksum does not match");
    }

  private:
    void read_addresses(unsigned char kind, std::string_view bytes) {
        if (kind == unix_path) {
            out_.from = path(bytes.substr(0, unix_path_size));
            out_.to = path(bytes.substr(unix_path_size));
            return;
        }
        const std::size_t size = kind == inet ? 4 : 16;
        const auto ports = bytes.substr(2 * size);
        out_.from = internet(bytes.substr(0, size), ports.substr(0, 2));
        out_.to = internet(bytes.substr(size, size), ports.substr(2));
    }

    static address internet(std::string_view bits, std::string_view port) noexcept {
        if (bits.size() == 4) {
            ::sockaddr_in form{};
            form.sin_family = AF_INET;
            std::memcpy(&form.sin_addr, bits.data(), bits.size());
            std::memcpy(&form.sin_port, port.data(), port.size());
            return address::from(reinterpret_cast<const ::sockaddr*>(&form), sizeof form);
        }
        ::sockaddr_in6 form{};
        form.sin6_family = AF_INET6;
        std::memcpy(&form.sin6_addr, bits.data(), bits.size());
        std::memcpy(&form.sin6_port, port.data(), port.size());
        return address::from(reinterpret_cast<const ::sockaddr*>(&form), sizeof form).unmapped();
    }

    static address path(std::string_view bytes) noexcept {
        ::sockaddr_un form{};
        form.sun_family = AF_UNIX;
        const std::size_t size = std::min(bytes.find('\0'), bytes.size());
        std::memcpy(form.sun_path, bytes.data(), size);
        const std::size_t terminated = std::min(size + 1, unix_path_size);
        return address::from(
            reinterpret_cast<const ::sockaddr*>(&form),
            offsetof(::sockaddr_un, sun_path) + (size == 0 ? 0 : terminated)
        );
    }

    /// Returns what is wrong with it; empty: nothing. Of additions that come twice, the first
    /// counts.
    std::string_view read_addition(const addition& each) {
        switch (each.type) {
        case proxy_wire::alpn:
            set_once(out_.alpn, each.value);
            break;
        case proxy_wire::authority:
            set_once(out_.authority, each.value);
            break;
        case proxy_wire::unique_id:
            if (each.value.size() > proxy_header::longest_unique_id)
                return "the unique id is longer than 128 bytes";
            set_once(out_.unique_id, each.value);
            break;
        case proxy_wire::checksum:
            if (each.value.size() != checksum_size || sum_.data())
                return "the checksum is not one of 4 bytes";
            sum_ = each.value;
            break;
        case proxy_wire::tls:
            return read_tls(each.value);
        default:
            break;
        }
        return {};
    }

    std::string_view read_tls(std::string_view value) {
        if (value.size() < tls_head_size)
            return "the part about TLS is too short";
        proxy_tls made;
        made.certificate = value.front() & (certificate_now | certificate_before);
        made.verify = number_in(value.substr(1, 4));
        std::string_view rest = value.substr(tls_head_size);
        while (!rest.empty()) {
            const auto next = addition::take(rest);
            if (!next)
                return "an addition is longer than the part about TLS";
            if (next->type == tls_version)
                set_once(made.version, next->value);
            else if (next->type == tls_common_name)
                set_once(made.common_name, next->value);
        }
        if ((value.front() & uses_tls) && !out_.tls)
            out_.tls = std::move(made);
        return {};
    }

    // The sum is that of the header with zeros in its place.
    bool sum_is_right() const {
        if (!sum_.data())
            return true;
        constexpr char zeros[checksum_size]{};
        const auto before = static_cast<std::size_t>(sum_.data() - all_.data());
        const std::string_view after = all_.substr(before + checksum_size);
        checksum_type sum;
        sum.process_bytes(all_.data(), before);
        sum.process_bytes(zeros, sizeof zeros);
        sum.process_bytes(after.data(), after.size());
        return sum.checksum() == number_in(sum_);
    }

    std::string_view all_;
    std::string_view sum_; ///< the value of the addition, inside of all_
    proxy_header out_;
};

bool is_family(unsigned char byte) noexcept {
    const int kind = byte >> 4, transport = byte & 0xf;
    return byte == unspecified ||
           (kind >= inet && kind <= unix_path && (transport == 1 || transport == 2));
}

} // namespace

// A connection of the proxy itself: whatever the family and the rest say, it is skipped.
proxy_reading proxy_reader::read_binary(std::string_view bytes) {
    if (!binary_mark.starts_with(bytes.substr(0, binary_mark.size())))
        return wrong("it does not begin with a header");
    if (bytes.size() <= 12)
        return more(head_size);
    const auto command = static_cast<unsigned char>(bytes[12]);
    if (command != local && command != proxied)
        return wrong("the version is not 2, or the command is unknown");
    if (bytes.size() > 13 && command == proxied &&
        !is_family(static_cast<unsigned char>(bytes[13])))
        return wrong("the family of the addresses is unknown");
    if (bytes.size() < head_size)
        return more(head_size);
    const std::size_t size = head_size + number_in(bytes.substr(14, 2));
    if (size > proxy_header::longest_binary)
        return wrong("it is longer than 4096 bytes");
    if (bytes.size() < size)
        return more(size);
    proxy_header plain;
    if (command == local)
        return whole(size, std::move(plain));
    plain.about = proxy_header::subject::unknown;
    if (bytes[13] == unspecified)
        return whole(size, std::move(plain));
    return binary_header(bytes.substr(0, size)).read();
}

} // namespace aio::net
