// Any bytes as a module's file: what is found is short and what was asked for.
#include <aio/module/elf.hpp>

#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const aio::module::elf_file file(
            aio::module::byte_source::of(std::as_bytes(std::span(data, size)))
        );
        const auto found = file.symbols("aio_module.");
        if (found.size() > 64)
            std::abort();
        for (const std::string& one : found)
            if (!one.starts_with("aio_module.") || one.size() > size)
                std::abort();
        if (file.text(".aio_abi").size() > 4096)
            std::abort();
    } catch (const aio::module::elf_error& e) {
        if (!*e.what())
            std::abort();
    }
    return 0;
}
