#pragma once

// Decides when a log file is rolled over, and the names of its old parts. Pure; file.cpp acts.

#include <aio/base/api.hpp>
#include <aio/log/spec.hpp>

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace aio::log {

/// True when `added` more bytes would make a file of `size` bytes larger than allowed. An empty
/// file is never rolled over.
AIO_API bool too_large(const rotating_args& args, std::uint64_t size, std::uint64_t added) noexcept;

/// The first instant after `now` at which the file is rolled over.
AIO_API std::time_t next_rollover(const timed_args& args, std::time_t now);

/// The suffix of the part that ends at `rollover`: ".2026-11-21".
AIO_API std::string part_suffix(const timed_args& args, std::time_t rollover);
/// The same for the `number`-th part of that name: ".2026-11-21.1".
AIO_API std::string part_suffix(const timed_args& args, std::time_t rollover, unsigned number);

/// True for suffixes that part_suffix() can make.
AIO_API bool is_part_suffix(const timed_args& args, std::string_view text);

/// Of the parts' names those that are too many: the oldest, by their names. `made` is the part that
/// was just made. It stays, and so do the parts after it, which are of a time when the clock was
/// ahead.
AIO_API std::vector<std::string>
superfluous(const timed_args& args, std::vector<std::string> parts, std::string_view made);

} // namespace aio::log
