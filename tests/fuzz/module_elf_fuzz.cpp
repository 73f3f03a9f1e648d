#include <aio/module/elf.hpp>

#include <cstdint>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const aio::module::elf_file file(
            aio::module::byte_source::of(std::as_bytes(std::span(data, size)))
        );
        (void)file.symbols("aio_module.");
        (void)file.text(".aio_abi");
    } catch (const aio::module::elf_error&) {
    }
    return 0;
}
