#pragma once

// The reading end of a pipe that a child writes to. The lines go to a function, a limited number in
// each turn of the loop. A child that writes faster than the log waits in its own write.

#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/net/gate.hpp>
#include <aio/net/poller.hpp>
#include <aio/process/line_cutter.hpp>

#include <cstddef>

namespace aio::process {

/// Loop's thread only.
class AIO_API output final : private net::watch {
  public:
    /// `pipe` does not block. `counted` is released when it is closed.
    output(
        async::loop& home,
        base::descriptor pipe,
        line_cutter::sink sink,
        net::gate::held counted = {}
    );
    output(const output&) = delete;
    output& operator=(const output&) = delete;
    ~output();

    /// Reads everything that was written until now, and closes the pipe. Processes that still hold
    /// the other end get a broken pipe.
    void finish();

  private:
    void ready(std::uint32_t events) override;
    /// Returns the number of bytes that were read; 0: the end; negative: nothing for now.
    std::ptrdiff_t take(std::size_t most);
    void close() noexcept;

    net::poller& poller_;
    base::descriptor pipe_;
    net::gate::held counted_;
    line_cutter lines_;
};

} // namespace aio::process
