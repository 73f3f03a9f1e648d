#pragma once

// A host with a port, as in `bank.example:443`, `10.0.0.1:80`, `[::1]:80`: the part that the
// addresses of servers and of proxies have in common. Pure.

#include <aio/base/api.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

namespace aio::net {

/// What is wrong with an address that a user wrote, and at which byte of it.
struct target_mistake {
    std::size_t offset = 0;
    std::string text;
    std::string hint; ///< empty: none

    /// For callers that pass on what the user wrote: "the target: the port is missing; write …".
    AIO_API std::invalid_argument as_error(std::string_view what) const;

    friend bool operator==(const target_mistake&, const target_mistake&) = default;
};

struct AIO_API authority {
    std::string host; ///< without brackets
    std::uint16_t port = 0;

    /// `offset`: where `text` begins in what the user wrote. `example`: a correct one, for hints.
    static std::variant<authority, target_mistake>
    parse(std::string_view text, std::size_t offset, std::string_view example);

    /// `bank.example:443`, `[::1]:80`: what parse() reads.
    std::string text() const;

    friend bool operator==(const authority&, const authority&) = default;
};

/// A scheme and what follows its "://".
struct scheme_and_rest {
    std::string_view scheme;
    std::string_view rest;
};

/// Nothing when the text has no "://".
AIO_API std::optional<scheme_and_rest> split_scheme(std::string_view text) noexcept;

} // namespace aio::net
