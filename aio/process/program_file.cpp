#include <aio/base/descriptor.hpp>
#include <aio/process/program_file.hpp>

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace aio::process {

namespace {

constexpr std::size_t head_size = 256; // the kernel's BINPRM_BUF_SIZE
constexpr std::string_view mark = "\xef\xbb\xbf", hash_bang = "#!", blanks = " \t";
constexpr std::size_t most_headers = 256, longest_loader = 4096;

#if defined(__x86_64__)
constexpr std::array machines{EM_X86_64, EM_386};
#elif defined(__aarch64__)
constexpr std::array machines{EM_AARCH64, EM_ARM};
#else
constexpr std::array<int, 0> machines{}; // unknown: none is called foreign
#endif

std::string read_at(int file, std::uint64_t offset, std::size_t size) {
    std::string bytes(size, '\0');
    const ssize_t got = ::pread(file, bytes.data(), size, static_cast<off_t>(offset));
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
}

template <typename T>
std::optional<T> as(std::string_view bytes) {
    T made;
    if (bytes.size() < sizeof made)
        return std::nullopt;
    std::memcpy(&made, bytes.data(), sizeof made);
    return made;
}

template <typename Header, typename Segment>
std::string loader_of(int file, std::string_view head) {
    const auto elf = as<Header>(head);
    if (!elf || elf->e_phentsize != sizeof(Segment) || elf->e_phnum > most_headers)
        return {};
    const std::string table = read_at(file, elf->e_phoff, elf->e_phnum * sizeof(Segment));
    for (std::size_t index = 0; index + sizeof(Segment) <= table.size(); index += sizeof(Segment)) {
        const auto segment = as<Segment>(std::string_view{table}.substr(index));
        if (segment->p_type != PT_INTERP || segment->p_filesz > longest_loader)
            continue;
        const std::string name = read_at(file, segment->p_offset, segment->p_filesz);
        return name.substr(0, name.find('\0'));
    }
    return {};
}

bool is_foreign(std::string_view head) {
    const bool little = head[EI_DATA] == ELFDATA2LSB;
    if (little != (std::endian::native == std::endian::little))
        return true;
    const auto common = as<Elf32_Ehdr>(head); // e_machine has the same place in both
    return common && !machines.empty() &&
           std::ranges::find(machines, common->e_machine) == machines.end();
}

} // namespace

std::optional<std::string> head_of(const std::string& path) {
    const base::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file)
        return std::nullopt;
    return read_at(file.get(), 0, head_size);
}

std::optional<script_line> script_line_of(std::string_view head) {
    script_line found;
    const std::size_t room = head.size();
    if (head.starts_with(mark) && head.substr(mark.size()).starts_with(hash_bang)) {
        found.after_mark = true;
        head.remove_prefix(mark.size());
    }
    if (!head.starts_with(hash_bang))
        return std::nullopt;
    const std::size_t end = head.find('\n');
    std::string_view line = head.substr(hash_bang.size(), end - hash_bang.size());
    if (line.ends_with('\r')) {
        found.windows_end = true;
        line.remove_suffix(1);
    }
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const std::size_t stop = std::min(line.find_first_of(blanks), line.size());
    found.cut = end == head.npos && stop == line.size() && room >= head_size;
    found.interpreter = line.substr(0, stop);
    line.remove_prefix(stop);
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    found.arguments = line;
    return found;
}

std::optional<binary> binary_of(const std::string& path, std::string_view head) {
    if (!head.starts_with(ELFMAG) || head.size() < sizeof(Elf32_Ehdr))
        return std::nullopt;
    binary found;
    found.foreign = is_foreign(head);
    if (found.foreign)
        return found;
    const base::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    found.loader = head[EI_CLASS] == ELFCLASS64
                       ? loader_of<Elf64_Ehdr, Elf64_Phdr>(file.get(), head)
                       : loader_of<Elf32_Ehdr, Elf32_Phdr>(file.get(), head);
    return found;
}

bool is_text(std::string_view head) noexcept {
    return std::ranges::all_of(head, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 ? byte != 0x7f : byte >= '\t' && byte <= '\r';
    });
}

} // namespace aio::process
