#pragma once

#include <aio/base/api.hpp>
#include <aio/server/factory.hpp>
#include <aio/service/unit.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace aio::server {

/// Adds up what the servers of one unit have counted over all of its starts. On the loop of the
/// unit.
class AIO_API tally {
  public:
    /// Counts with `current` from now on. The figures of the server before it are kept, also when
    /// `current` is nullptr because there is no server.
    void follow(const handle* current);

    /// Connections open now and accepted so far; bytes received and sent, without those of TLS;
    /// connections refused and ended, by the reasons that there were.
    std::vector<service::statistic> statistics() const;

  private:
    const handle* now_ = nullptr;
    std::uint64_t accepted_ = 0, received_ = 0, sent_ = 0; ///< of the servers before
    std::map<std::string, double> refused_;                ///< the same
};

} // namespace aio::server
