#pragma once

#include <aio/base/api.hpp>

#include <cstdint>

namespace aio::app {

/// The soft limit of open files.
struct AIO_API open_files {
    std::uint64_t before = 0; ///< for children, which get it back
    std::uint64_t now = 0;
};

/// Raises the soft limit to the hard limit.
AIO_API open_files raise_open_files() noexcept;

} // namespace aio::app
