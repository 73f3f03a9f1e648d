#pragma once

// A reader of 64-bit ELF shared libraries that trusts nothing: every offset, size and count is
// checked against the file. It reads what tells whether dlopen is safe, nothing else.

#include <aio/base/api.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace aio::module {

/// Thrown by elf_file; the text completes "FILE is …": "not an ELF file".
struct AIO_API elf_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The bytes of a file: its size, and a function that fills a span from an offset (false: cannot).
struct byte_source {
    std::uint64_t size = 0;
    std::function<bool(std::uint64_t offset, std::span<std::byte> into)> read;

    byte_source(std::uint64_t size_, std::function<bool(std::uint64_t, std::span<std::byte>)> read_)
        : size(size_), read(std::move(read_)) {}

    /// Reads memory, which has to live as long as the source.
    AIO_API static byte_source of(std::span<const std::byte> memory);
};

class AIO_API elf_file {
  public:
    /// Reads the headers. Throws elf_error unless it is a shared library for this machine whose
    /// segments and sections all lie inside the file.
    explicit elf_file(byte_source from);

    /// The content of a section up to its first zero byte. Throws elf_error when there is no such
    /// section or it is larger than 4096 bytes.
    std::string text(std::string_view section) const;

    /// The defined dynamic symbols whose names start so, as they stand; at most 64.
    std::vector<std::string> symbols(std::string_view beginning) const;

  private:
    struct section {
        std::string name;
        std::uint32_t type = 0;
        std::uint32_t link = 0;
        std::uint64_t offset = 0;
        std::uint64_t size = 0;
        std::uint64_t entry_size = 0;
    };

    std::vector<std::byte> bytes(std::uint64_t offset, std::uint64_t size) const;
    void read_segments(std::uint64_t offset, std::size_t count) const;
    void read_sections(std::uint64_t offset, std::size_t count, std::size_t names);

    byte_source from_;
    std::vector<section> sections_;
};

} // namespace aio::module
