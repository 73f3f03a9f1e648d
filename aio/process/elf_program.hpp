#pragma once

// Whether the system can load an ELF file as a program, told from its headers. Every offset and
// size is checked against the file.

#include <aio/base/api.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace aio::process {

enum class elf_state {
    whole,
    foreign,      ///< built for another kind of processor
    no_program,   ///< an object file or a core dump
    damaged,      ///< its headers have no meaning
    headers_cut,  ///< the file ends before its headers do: the system does not load it
    contents_cut, ///< the file ends before its contents do: the system loads it, and it may crash
    mismarked,    ///< its first bytes contradict its machine: the system does not look at them
};

struct elf_program {
    elf_state state = elf_state::whole;
    std::string loader; ///< empty: it needs none, or the state is neither whole nor mismarked

    elf_program() = default;

    explicit elf_program(elf_state state_) : state(state_) {}
};

/// Returns the bytes at the offset, fewer than asked for at the end of the file.
using file_bytes = std::function<std::string(std::uint64_t offset, std::size_t size)>;

/// `head`: the first bytes of the file, 64 or more unless it is shorter. Nothing when it is no ELF
/// file.
AIO_API std::optional<elf_program>
elf_program_of(std::string_view head, std::uint64_t file_size, const file_bytes& read);

} // namespace aio::process
