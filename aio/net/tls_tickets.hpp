#pragma once

// The ticket keys of servers at work: a ring behind a lock, shared by all loops and contexts.
// Private to net/ and server/.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/ticket_ring.hpp>

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::net {

/// From any thread. `now` is the time of any loop of the app.
class AIO_API tls_tickets {
  public:
    /// Returns a new key. Throws std::runtime_error when there is no randomness.
    using source = std::function<ticket_key()>;

    /// Keys of its own, turned each `life`.
    explicit tls_tickets(base::duration life, source fresh = random_key);
    /// The keys of a file. Precondition: there is one.
    explicit tls_tickets(std::span<const ticket_key> fixed);
    tls_tickets(const tls_tickets&) = delete;
    tls_tickets& operator=(const tls_tickets&) = delete;
    ~tls_tickets() = default;

    /// The key for a new ticket. Throws what the source throws.
    ticket_key seal(base::duration now);

    struct opened {
        ticket_key key;
        bool newest = false;
    };

    std::optional<opened> open(std::span<const unsigned char, 16> name, base::duration now) const;

    static ticket_key random_key();

  private:
    mutable std::mutex guard_;
    ticket_ring ring_;
    source fresh_;
};

/// The keys that a file holds: 80 random bytes each, up to ticket_ring::most, the sealing one
/// first. Throws std::runtime_error, whose text says what is wrong with the text of the file.
AIO_API std::vector<ticket_key> read_ticket_keys(std::string_view text);

/// The same from a file, which nobody else may read; as root, nor change. Blocks.
/// Throws: std::runtime_error: "cannot use the ticket keys in /etc/x: everybody may read it".
AIO_API std::vector<ticket_key> load_ticket_keys(const std::string& path);

} // namespace aio::net
