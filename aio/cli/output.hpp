#pragma once

// Standard output of commands. Output that cannot be written is a failure with the system's reason.

#include <fmt/format.h>

#include <string_view>
#include <system_error>
#include <utility>

namespace aio::cli {

/// Standard output could not be written.
class output_error : public std::system_error {
  public:
    explicit output_error(int error);
};

/// Writes at once, and waits for the reader of a pipe, also of one that is non-blocking. Throws
/// output_error.
void write_output(std::string_view text);

/// Writes what others have printed through stdio. Throws output_error, also when an earlier write
/// of theirs failed.
void flush_output();

/// Formats and writes a text. Throws output_error.
template <typename... Values>
void print_output(fmt::format_string<Values...> format, Values&&... values) {
    write_output(fmt::format(format, std::forward<Values>(values)...));
}

} // namespace aio::cli
