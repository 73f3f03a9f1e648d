#pragma once

#include <aio/base/api.hpp>

#include <cstdint>

namespace aio::app {

/// Raises the soft limit of open files to the hard one; returns what it is now. Children that are
/// started get `before` back (see open_files::before).
struct AIO_API open_files {
    std::uint64_t before = 0;
    std::uint64_t now = 0;
};

AIO_API open_files raise_open_files() noexcept;

} // namespace aio::app
