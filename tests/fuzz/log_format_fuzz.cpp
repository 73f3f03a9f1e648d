#include <aio/log/pattern.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<aio::log::pattern_error> errors;
    (void)aio::log::parse_pattern(text, errors);
    for (const auto& one : errors)
        if (one.at > size)
            std::abort();
    return 0;
}
