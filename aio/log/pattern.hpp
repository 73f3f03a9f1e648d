#pragma once

// Python's %-format of a record, parsed once when logging is configured: "%(levelname)-8s" →
// {levelname, left, width 8}. The plain format and the check use it.

#include <aio/base/api.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace aio::log {

enum class field {
    literal,
    asctime,
    created,
    msecs,
    relative_created,
    level_name,
    level_number,
    name,
    message,
    process,
    process_name,
    thread,
    thread_name,
};

struct piece {
    field kind = field::literal;
    std::string text; ///< of a literal
    char conversion = 's';
    bool left = false, zero = false, plus = false, space = false, alternate = false;
    unsigned width = 0;
    int precision = -1; ///< -1: not given
};

struct pattern_error {
    std::size_t offset; ///< byte of the format the message is about
    std::string text;
    std::string hint;
};

/// Parses a format. All mistakes are reported, and the fields that contain them are left out.
AIO_API std::vector<piece>
parse_pattern(std::string_view format, std::vector<pattern_error>& errors);

} // namespace aio::log
