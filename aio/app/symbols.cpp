#include <aio/app/symbols.hpp>

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstddef>
#include <span>

namespace aio::app {
namespace {

/// The table of the symbols that an object exports, as its dynamic section describes it.
class exports {
  public:
    explicit exports(const dl_find_object& object) noexcept : object_(object) {
        for (const auto* entry = object.dlfo_link_map->l_ld; entry->d_tag != DT_NULL; ++entry)
            switch (entry->d_tag) {
            case DT_SYMTAB:
                symbols_ = at<ElfW(Sym)>(entry->d_un.d_ptr);
                break;
            case DT_STRTAB:
                names_ = at<char>(entry->d_un.d_ptr);
                break;
            case DT_GNU_HASH:
                hashes_ = at<std::uint32_t>(entry->d_un.d_ptr);
                break;
            case DT_HASH:
                if (!hashes_)
                    count_ = at<std::uint32_t>(entry->d_un.d_ptr)[1];
                break;
            default:
                break;
            }
        if (hashes_)
            count_ = hashed();
        if (!symbols_ || !names_)
            count_ = 0;
    }

    const char* find(std::uintptr_t address) const noexcept {
        const std::uintptr_t wanted = address - object_.dlfo_link_map->l_addr;
        const ElfW(Sym)* best = nullptr;
        for (const ElfW(Sym) & each : std::span(symbols_, count_))
            if (holds(each, wanted) && (!best || best->st_value < each.st_value))
                best = &each;
        return best ? names_ + best->st_name : nullptr;
    }

  private:
    // The linker has relocated the addresses, except in an object whose dynamic section is
    // read-only.
    template <typename T>
    const T* at(std::uintptr_t written) const noexcept {
        const auto begin = reinterpret_cast<std::uintptr_t>(object_.dlfo_map_start);
        const auto end = reinterpret_cast<std::uintptr_t>(object_.dlfo_map_end);
        const bool relocated = written >= begin && written < end;
        return reinterpret_cast<const T*>( // NOLINT(performance-no-int-to-ptr)
            relocated ? written : object_.dlfo_link_map->l_addr + written
        );
    }

    // The last symbol is the end of the chain that begins last.
    std::size_t hashed() const noexcept {
        const std::uint32_t buckets = hashes_[0];
        const std::uint32_t first = hashes_[1];
        const std::size_t words = hashes_[2] * (sizeof(ElfW(Addr)) / sizeof(std::uint32_t));
        const std::uint32_t* const heads = hashes_ + 4 + words;
        const std::uint32_t* const chains = heads + buckets;
        std::uint32_t last = 0;
        for (const std::uint32_t head : std::span(heads, buckets))
            last = std::max(last, head);
        if (last < first)
            return 0;
        while ((chains[last - first] & 1) == 0)
            ++last;
        return last + 1;
    }

    static bool holds(const ElfW(Sym) & symbol, std::uintptr_t address) noexcept {
        const auto type = symbol.st_info & 0xf;
        return symbol.st_shndx != SHN_UNDEF && symbol.st_shndx != SHN_ABS && type != STT_TLS &&
               address >= symbol.st_value &&
               (address < symbol.st_value + symbol.st_size || address == symbol.st_value);
    }

    const dl_find_object& object_;
    const ElfW(Sym) * symbols_ = nullptr;
    const char* names_ = nullptr;
    const std::uint32_t* hashes_ = nullptr;
    std::size_t count_ = 0;
};

/// The program itself has no name in the list of the linker.
std::string file_of(const link_map& object) {
    if (*object.l_name != '\0')
        return object.l_name;
    char path[PATH_MAX];
    const auto length = ::readlink("/proc/self/exe", path, sizeof(path));
    return {path, static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
}

} // namespace

symbol find_symbol(const void* address) {
    symbol found;
    dl_find_object object{};
    if (::_dl_find_object(const_cast<void*>(address), &object) != 0)
        return found;
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    found.file = file_of(*object.dlfo_link_map);
    found.offset = wanted - reinterpret_cast<std::uintptr_t>(object.dlfo_map_start);
    found.name = exports(object).find(wanted);
    return found;
}

} // namespace aio::app
