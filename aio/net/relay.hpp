#pragma once

// Passes on what two peers send to each other: the heart of a proxy made of coroutines.

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/net/stream.hpp>

#include <cstdint>

namespace aio::net {

/// The bytes that were passed on.
struct relayed {
    std::uint64_t forward = 0;  ///< from the first to the second
    std::uint64_t backward = 0; ///< from the second to the first
};

/// Passes data on in both directions, as fast as the slower side takes it. The end of one side
/// becomes the end of the other, while the opposite direction goes on. Deadlines and patience of
/// the streams count. Both outlive the call, and nobody else reads or writes them.
/// Completes: when both sides have ended. What ends one side without its peer ends the whole, and
/// both are reset, as neither peer may take what it has got for all: an idle_timeout of a server at
/// once, a stop when nothing has moved for a second, or the opposite direction has ended.
/// Loop: that of both streams.
/// Cancelled: both are left as they are; some of the data may be lost.
/// Throws: the first error of a read or a write. Then both are reset: what one of them has got may
/// not be the whole. What was received before the error of a side is passed on first, unless the
/// other side takes nothing of it for a second.
AIO_API task<relayed> relay(stream& first, stream& second);

} // namespace aio::net
