#include <aio/module/elf.hpp>

#include <elf.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace aio::module {

namespace {

#if defined(__x86_64__)
constexpr auto this_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr auto this_machine = EM_AARCH64;
#elif defined(__riscv)
constexpr auto this_machine = EM_RISCV;
#else
#error "which e_machine is this?"
#endif

// No linker writes tables or names larger than these; a file that claims to is not worth reading.
constexpr std::uint64_t largest_table = 64u << 20;
constexpr std::size_t largest_text = 4096;
constexpr std::size_t most_symbols = 64;

template <typename T>
T record(std::span<const std::byte> from, std::size_t index) {
    T value;
    std::memcpy(&value, from.data() + index * sizeof(T), sizeof(T));
    return value;
}

std::string name_at(std::span<const std::byte> names, std::uint64_t offset) {
    if (offset >= names.size())
        throw elf_error("damaged: a name lies outside its table");
    auto rest = names.subspan(offset);
    rest = rest.first(std::min(rest.size(), largest_text + 1));
    const auto end = std::ranges::find(rest, std::byte{0});
    if (static_cast<std::size_t>(end - rest.begin()) > largest_text)
        throw elf_error("damaged: a name in it is too long to be true");
    return {
        reinterpret_cast<const char*>(rest.data()), static_cast<std::size_t>(end - rest.begin())
    };
}

void check_header(const Elf64_Ehdr& head) {
    if (std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
        throw elf_error("not an ELF file, so no module");
    if (head.e_ident[EI_CLASS] != ELFCLASS64)
        throw elf_error("not a 64-bit library");
    const bool little = std::endian::native == std::endian::little;
    if (head.e_ident[EI_DATA] != (little ? ELFDATA2LSB : ELFDATA2MSB) ||
        head.e_machine != this_machine)
        throw elf_error("built for another kind of processor");
    if (head.e_type != ET_DYN)
        throw elf_error("not a shared library");
    if (head.e_phentsize != sizeof(Elf64_Phdr) || head.e_shentsize != sizeof(Elf64_Shdr))
        throw elf_error("damaged: its tables have entries of a wrong size");
}

} // namespace

byte_source byte_source::of(std::span<const std::byte> memory) {
    return {memory.size(), [memory](std::uint64_t offset, std::span<std::byte> into) {
                if (offset > memory.size() || into.size() > memory.size() - offset)
                    return false;
                std::ranges::copy(memory.subspan(offset, into.size()), into.begin());
                return true;
            }};
}

elf_file::elf_file(byte_source from) : from_(std::move(from)) {
    if (from_.size < sizeof(Elf64_Ehdr))
        throw elf_error(from_.size == 0 ? "empty" : "not an ELF file, so no module");
    const auto head = record<Elf64_Ehdr>(bytes(0, sizeof(Elf64_Ehdr)), 0);
    check_header(head);
    read_segments(head.e_phoff, head.e_phnum);
    read_sections(head.e_shoff, head.e_shnum, head.e_shstrndx);
}

std::vector<std::byte> elf_file::bytes(std::uint64_t offset, std::uint64_t size) const {
    if (offset > from_.size || size > from_.size - offset)
        throw elf_error("truncated: the file ends before what it says it holds");
    if (size > largest_table)
        throw elf_error("damaged: a table of it is too large to be true");
    std::vector<std::byte> read(size);
    if (!from_.read(offset, read))
        throw elf_error("not readable to its end");
    return read;
}

void elf_file::read_segments(std::uint64_t offset, std::size_t count) const {
    const auto table = bytes(offset, count * sizeof(Elf64_Phdr));
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = record<Elf64_Phdr>(table, i);
        // The loader maps these; access beyond the end of the file would be a SIGBUS.
        if (value.p_offset > from_.size || value.p_filesz > from_.size - value.p_offset)
            throw elf_error("truncated: the file ends before what it says it holds");
        if (value.p_type == PT_LOAD && value.p_filesz > value.p_memsz)
            throw elf_error("damaged: a segment is larger in the file than in memory");
    }
}

void elf_file::read_sections(std::uint64_t offset, std::size_t count, std::size_t names) {
    const auto table = bytes(offset, count * sizeof(Elf64_Shdr));
    if (names >= count)
        throw elf_error("stripped of its section headers, or damaged");
    const auto of_names = record<Elf64_Shdr>(table, names);
    const auto text = bytes(of_names.sh_offset, of_names.sh_size);
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = record<Elf64_Shdr>(table, i);
        section read;
        read.name = name_at(text, value.sh_name);
        read.type = value.sh_type;
        read.link = value.sh_link;
        read.offset = value.sh_offset;
        read.size = value.sh_size;
        read.entry_size = value.sh_entsize;
        sections_.push_back(std::move(read));
    }
}

std::string elf_file::text(std::string_view name) const {
    const auto found = std::ranges::find(sections_, name, &section::name);
    if (found == sections_.end() || found->type == SHT_NOBITS)
        throw elf_error("no aio module: it has no section " + std::string(name));
    if (found->size > largest_text)
        throw elf_error("damaged: its section " + std::string(name) + " is too large");
    const auto read = bytes(found->offset, found->size);
    return read.empty() ? std::string{} : name_at(read, 0);
}

std::vector<std::string> elf_file::symbols(std::string_view beginning) const {
    std::vector<std::string> found;
    const auto table = std::ranges::find(sections_, SHT_DYNSYM, &section::type);
    if (table == sections_.end())
        return found;
    if (table->entry_size != sizeof(Elf64_Sym) || table->link >= sections_.size())
        throw elf_error("damaged: its symbol table cannot be read");
    const section& strings = sections_[table->link];
    const auto entries = bytes(table->offset, table->size);
    const auto names = bytes(strings.offset, strings.size);
    for (std::size_t i = 0; i < entries.size() / sizeof(Elf64_Sym); ++i) {
        const auto value = record<Elf64_Sym>(entries, i);
        if (value.st_shndx == SHN_UNDEF)
            continue;
        if (value.st_name >= names.size())
            throw elf_error("damaged: a name lies outside its table");
        const auto room = std::span(names).subspan(value.st_name);
        if (room.size() <= beginning.size() ||
            std::memcmp(room.data(), beginning.data(), beginning.size()) != 0)
            continue;
        found.push_back(name_at(names, value.st_name));
        if (found.size() == most_symbols)
            break;
    }
    return found;
}

} // namespace aio::module
