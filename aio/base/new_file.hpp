#pragma once

// Writing to files, with the system's reason when it fails.

#include <aio/base/api.hpp>

#include <string>
#include <string_view>

namespace aio::base {

/// Writes all of a text to an open file, and waits for the reader of a pipe, also of one that is
/// non-blocking. False: errno says why.
AIO_API bool write_all(int file, std::string_view text) noexcept;

/// Makes a file that must not exist yet in an open folder, and writes a text to it. Follows no
/// link. Returns the system's text of the error, or an empty text. After an error no incomplete
/// file is left.
AIO_API std::string write_new_file(int folder, const std::string& name, std::string_view text);

} // namespace aio::base
