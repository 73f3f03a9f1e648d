#pragma once

#include <aio/base/api.hpp>
#include <aio/server/factory.hpp>
#include <aio/service/unit.hpp>

#include <cstdint>
#include <vector>

namespace aio::server {

/// What servers that follow one another have counted: those of all starts of a unit. On its loop.
class AIO_API tally {
  public:
    /// Counts with `now` until the next one follows; nullptr: it goes, what it has counted stays.
    void follow(const handle* now);

    /// Connections open now; taken in all; bytes received and sent, without what TLS adds.
    std::vector<service::statistic> statistics() const;

  private:
    const handle* now_ = nullptr;
    std::uint64_t accepted_ = 0, received_ = 0, sent_ = 0; ///< of those before
};

} // namespace aio::server
