#pragma once

// Tells from the first bytes of a program how it is executed. Pure, except for head_of() and
// elf_program_at(), which read the file.

#include <aio/base/api.hpp>
#include <aio/process/elf_program.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace aio::process {

/// The first line of a script.
struct script_line {
    std::string interpreter;  ///< empty: none is named
    std::string arguments;    ///< as one text, as the system passes it on
    bool windows_end = false; ///< a carriage return stands at its end
    bool after_mark = false;  ///< a byte order mark stands before '#!': the system sees no script
    bool cut = false;         ///< the interpreter is longer than the system reads

    script_line() = default;
};

/// What the system reads of a file to find out how to execute it; nothing when it cannot be read.
std::optional<std::string> head_of(const std::string& path);

AIO_API std::optional<script_line> script_line_of(std::string_view head);
/// Nothing when it is no ELF file, or cannot be read.
std::optional<elf_program> elf_program_at(const std::string& path, std::string_view head);
/// "is compressed (gzip)": what is known of a file that is neither a script nor an ELF file.
AIO_API std::string_view description_of(std::string_view head) noexcept;
/// Printable characters and white space only, in any encoding that contains ASCII.
AIO_API bool is_text(std::string_view head) noexcept;

} // namespace aio::process
