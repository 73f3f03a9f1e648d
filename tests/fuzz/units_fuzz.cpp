// Durations, sizes, rates, numbers: what is read is written so that it reads back the same.
#include <aio/base/units.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace aio;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto value = base::parse_duration(text))
        if (value->count() < 0 || base::parse_duration(base::format(*value)) != value)
            std::abort();
    if (const auto value = base::parse_size(text))
        if (base::parse_size(base::format(*value)) != value)
            std::abort();
    if (const auto value = base::parse_rate(text))
        if (!base::parse_rate(base::format(*value)))
            std::abort();
    (void)base::parse_boolean(text);
    (void)base::parse_integer(text);
    (void)base::parse_real(text);
    (void)base::parse_list(text);
    return 0;
}
