#pragma once

// What the TLS of all servers of an app shares: the ticket keys, and files that several of them
// read. Nothing of OpenSSL is touched before a server needs it.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

struct stat;

namespace aio::net {

class tls_tickets;
struct pem_text;

/// From any thread.
class AIO_API tls_common {
  public:
    tls_common();
    tls_common(const tls_common&) = delete;
    tls_common& operator=(const tls_common&) = delete;
    ~tls_common();

    /// The tickets whose keys are turned each `life`.
    std::shared_ptr<tls_tickets> tickets(base::duration life);

    /// What a file holds, as long as somebody uses it; nullptr when nobody has read it since it was
    /// changed.
    std::shared_ptr<const pem_text> known(const struct ::stat& file) const;
    /// Tells what was read.
    void remember(const std::shared_ptr<const pem_text>& read);

  private:
    mutable std::mutex guard_;
    std::map<base::duration, std::shared_ptr<tls_tickets>> tickets_;
    std::vector<std::weak_ptr<const pem_text>> texts_;
};

} // namespace aio::net
