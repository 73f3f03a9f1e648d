#pragma once

// One end of a pipe that a child writes to: its lines go to a function, in turns small enough to
// let everybody else have theirs. Who writes faster than the log waits in its own write.

#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/net/poller.hpp>
#include <aio/process/line_cutter.hpp>

#include <cstddef>

namespace aio::process {

/// Loop's thread only.
class AIO_API output final : private net::watch {
  public:
    /// `pipe` does not block.
    output(async::loop& at, base::descriptor pipe, line_cutter::sink to);
    output(const output&) = delete;
    output& operator=(const output&) = delete;
    ~output();

    /// Everything that was written until now, then no more: whoever still holds the other end gets
    /// a broken pipe.
    void finish();

  private:
    void ready(std::uint32_t events) override;
    /// How many bytes; 0: the end, negative: nothing for now.
    std::ptrdiff_t take(std::size_t most);
    void close() noexcept;

    async::loop& loop_;
    base::descriptor pipe_;
    line_cutter lines_;
};

} // namespace aio::process
