#pragma once

#include <aio/base/api.hpp>

#include <cstddef>
#include <cstdint>

namespace aio::app {

/// The soft limit of open files.
struct AIO_API open_files {
    std::uint64_t before = 0; ///< for children, which get it back
    std::uint64_t now = 0;
};

/// How many descriptors this process has open, unless gaps lie between their numbers; then fewer.
AIO_API std::size_t descriptors_in_use() noexcept;

/// Raises the soft limit to the hard limit. Called before the first thread begins: then the system
/// makes its table of descriptors long enough for most programs. In a process of several threads it
/// waits for all processors whenever the table grows, 10 ms and more, which would be a pause of a
/// loop in an accept.
AIO_API open_files raise_open_files() noexcept;

} // namespace aio::app
