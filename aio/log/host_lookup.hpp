#pragma once

// The address of a log host, looked up beside the program: a resolver that does not answer holds up
// no start and no loop.

#include <aio/base/leavable_thread.hpp>

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace aio::log {

struct datagram_target {
    sockaddr_storage address{};
    socklen_t size = 0;
};

/// One lookup, on a thread of its own. The destructor leaves a lookup that is not done. The
/// system's resolver is told to try each name server once, for a second.
class host_lookup {
  public:
    host_lookup(std::string host, std::uint16_t port);
    host_lookup(const host_lookup&) = delete;
    host_lookup& operator=(const host_lookup&) = delete;
    ~host_lookup();

    /// Waits for the answer for `limit` at most. False: it has not come yet.
    bool wait(std::chrono::milliseconds limit);
    /// The addresses, once wait() was true, the best one first; none: why() says the reason.
    const std::vector<datagram_target>& found() const noexcept;
    const std::string& why() const noexcept;

  private:
    struct state;
    std::shared_ptr<state> state_;
    base::leavable_thread thread_;
};

} // namespace aio::log
