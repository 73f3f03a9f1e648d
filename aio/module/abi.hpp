#pragma once

// Whether a file is a module that this library can load. The file is read; none of its code runs.

#include <aio/base/api.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace aio::module {

class library_file;
struct elf_error;

/// What this library was built with: "aio=1;boost=108100;…" (abi_string.hpp).
AIO_API std::string_view library_abi() noexcept;

/// What differs between two such strings, for people: "boost 108300, here 108100; asio headers,
/// here shared"; empty when nothing does. Keys only one of them has differ too.
AIO_API std::string abi_difference(std::string_view theirs, std::string_view ours);

/// Why the file cannot be loaded as that module, and what to do about it.
struct refusal {
    std::string text;
    std::string hint;
};

/// Reads the file and checks everything that can be checked without running it: a complete 64-bit
/// shared library for this machine, of this version, holding the module of that name. Nothing: it
/// may be loaded. Never raises SIGBUS, whatever the file holds.
AIO_API std::optional<refusal>
check_library(const library_file& file, std::string_view module_name);
/// The same for a file that is not open yet.
AIO_API std::optional<refusal>
check_library(const std::filesystem::path& file, std::string_view module_name);

/// What to say of a file that could not be read as a library.
AIO_API refusal damaged(const elf_error& why);

} // namespace aio::module
