#include <aio/process/elf_program.hpp>

#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace aio::process {

namespace {

// The limits of the system.
constexpr std::size_t largest_table = 65536, longest_loader = 4096, shortest_loader = 2;

#if defined(__x86_64__)
constexpr std::array<unsigned, 2> machines{EM_X86_64, EM_386};
#elif defined(__aarch64__)
constexpr std::array<unsigned, 2> machines{EM_AARCH64, EM_ARM};
#else
constexpr std::array<unsigned, 0> machines{}; // unknown: none is called foreign
#endif

template <typename T>
std::optional<T> as(std::string_view bytes) {
    T made;
    if (bytes.size() < sizeof made)
        return std::nullopt;
    std::memcpy(&made, bytes.data(), sizeof made);
    return made;
}

bool has_byte(std::string_view ident, int index, char value) {
    return ident[static_cast<std::size_t>(index)] == value;
}

bool is_valid(std::string_view ident) {
    return (has_byte(ident, EI_CLASS, ELFCLASS32) || has_byte(ident, EI_CLASS, ELFCLASS64)) &&
           (has_byte(ident, EI_DATA, ELFDATA2LSB) || has_byte(ident, EI_DATA, ELFDATA2MSB));
}

bool is_native(unsigned machine) {
    return machines.empty() || std::ranges::find(machines, machine) != machines.end();
}

bool is_of_this_order(std::string_view ident) {
    const bool little = std::endian::native == std::endian::little;
    return has_byte(ident, EI_DATA, little ? ELFDATA2LSB : ELFDATA2MSB);
}

/// The system goes by the machine, whatever the class byte says. Programs of the x32 kind have the
/// machine of 64 bits and headers of 32.
bool has_wide_headers(std::string_view head, unsigned machine) {
    const bool says_wide = has_byte(head, EI_CLASS, ELFCLASS64);
    if (machines.empty())
        return says_wide;
    if (machine != machines.front())
        return false;
    const auto wide = as<Elf64_Ehdr>(head);
    return !has_byte(head, EI_CLASS, ELFCLASS32) ||
           (wide && wide->e_phentsize == sizeof(Elf64_Phdr));
}

/// The headers of one class: Elf32_… or Elf64_….
template <typename Header, typename Segment>
class reader {
  public:
    reader(std::uint64_t file_size, const file_bytes& read) : size_(file_size), read_(read) {}

    elf_program look(std::string_view head) const {
        const auto elf = as<Header>(head);
        if (!elf)
            return elf_program(elf_state::headers_cut);
        if (elf->e_type != ET_EXEC && elf->e_type != ET_DYN)
            return elf_program(elf_state::no_program);
        const std::size_t size = elf->e_phnum * sizeof(Segment);
        if (elf->e_phentsize != sizeof(Segment) || size == 0 || size > largest_table)
            return elf_program(elf_state::damaged);
        if (!has(elf->e_phoff, size))
            return elf_program(elf_state::headers_cut);
        return look_at_segments(read_(elf->e_phoff, size));
    }

  private:
    bool has(std::uint64_t offset, std::uint64_t size) const {
        return offset <= size_ && size <= size_ - offset;
    }

    /// The system fills up the last page of a file with zeros, so a segment that ends with a page
    /// may have them from there.
    bool has_contents(const Segment& segment) const {
        const std::uint64_t offset = segment.p_offset, size = segment.p_filesz;
        if (size == 0 || has(offset, size))
            return true;
        const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
        const std::uint64_t end = offset + size;
        return end > offset && end % page == 0 && size_ > end - page && size_ > offset;
    }

    elf_program look_at_segments(std::string_view table) const {
        elf_program found;
        bool whole = true;
        for (; const auto segment = as<Segment>(table); table.remove_prefix(sizeof(Segment))) {
            if (segment->p_type == PT_INTERP && found.loader.empty())
                take_loader(*segment, found);
            whole = whole && (segment->p_type != PT_LOAD || has_contents(*segment));
        }
        if (found.state == elf_state::whole && !whole)
            return elf_program(elf_state::contents_cut);
        return found;
    }

    void take_loader(const Segment& segment, elf_program& found) const {
        if (segment.p_filesz < shortest_loader || segment.p_filesz > longest_loader) {
            found.state = elf_state::damaged;
        } else if (!has(segment.p_offset, segment.p_filesz)) {
            found.state = elf_state::headers_cut;
        } else {
            const std::string name = read_(segment.p_offset, segment.p_filesz);
            if (!name.ends_with('\0'))
                found.state = elf_state::damaged;
            else
                found.loader = name.substr(0, name.find('\0'));
        }
    }

    std::uint64_t size_;
    const file_bytes& read_;
};

} // namespace

std::optional<elf_program>
elf_program_of(std::string_view head, std::uint64_t file_size, const file_bytes& read) {
    if (!head.starts_with(ELFMAG))
        return std::nullopt;
    const auto common = as<Elf32_Ehdr>(head); // e_machine has the same place in both classes
    const bool has_ident = head.size() >= EI_NIDENT;
    const bool native = common && is_native(common->e_machine);
    if (has_ident && !is_valid(head) && (machines.empty() || (common && !native)))
        return elf_program(elf_state::damaged);
    if (!common)
        return elf_program(elf_state::headers_cut);
    if (!native || (is_valid(head) && !is_of_this_order(head)))
        return elf_program(elf_state::foreign);
    const bool wide = has_wide_headers(head, common->e_machine);
    elf_program found = wide ? reader<Elf64_Ehdr, Elf64_Phdr>(file_size, read).look(head)
                             : reader<Elf32_Ehdr, Elf32_Phdr>(file_size, read).look(head);
    const bool marked = has_byte(head, EI_CLASS, wide ? ELFCLASS64 : ELFCLASS32);
    if (found.state == elf_state::whole && !(marked && is_of_this_order(head)))
        found.state = elf_state::mismarked;
    return found;
}

} // namespace aio::process
