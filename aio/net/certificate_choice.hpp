#pragma once

// Which of the certificates of a server a client is shown, by the name that the client asks for
// (SNI). Pure.

#include <aio/base/api.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace aio::net {

/// What the choice has to know of a certificate.
struct shown_certificate {
    std::vector<std::string> names; ///< "bank.example", "*.bank.example"; others do not count
    int key_kind = 0;               ///< the kinds differ as the numbers do

    friend bool operator==(const shown_certificate&, const shown_certificate&) = default;
};

class AIO_API certificate_choice {
  public:
    /// Places of certificates that are shown for the same name. Their keys are of different kinds,
    /// and the client's abilities decide between them.
    using group = std::vector<std::size_t>;

    certificate_choice() = default;
    /// The order decides between certificates with the same name and kind of key: the first is
    /// shown.
    explicit certificate_choice(const std::vector<shown_certificate>& all);

    /// The first is that of the first certificate: for clients whose name is not found.
    const std::vector<group>& groups() const noexcept { return groups_; }

    /// The place of the group for a name, in any case and with or without the dot at its end: that
    /// of the certificate with this name, else that of a wildcard in place of its first label.
    std::optional<std::size_t> find(std::string_view name) const;

    /// Places of certificates that no client is ever shown.
    std::vector<std::size_t> unused() const;

  private:
    std::size_t place_of(const group& wanted);

    std::vector<group> groups_;
    std::unordered_map<std::string, std::size_t> by_name_; ///< places in groups_
    std::size_t count_ = 0;
};

} // namespace aio::net
