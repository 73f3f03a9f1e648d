// A text as the format of a record, then the same text as the record's message.
#include <aio/log/format.hpp>
#include <aio/log/pattern.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace aio::log;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<pattern_error> errors;
    (void)parse_pattern(text, errors);
    for (const auto& one : errors)
        if (one.offset > size)
            std::abort();

    const std::chrono::system_clock::time_point moment{std::chrono::milliseconds(1795253812489)};
    const record one{level::warning, "a.logger", text, moment};
    formatter_spec as("f", text);
    std::string line;
    make_format(as, format_target::terminal)->write(one, line);
    as.as = look::json;
    line.clear();
    make_format(as, format_target::other)->write(one, line);
    for (const char c : line)
        if (static_cast<unsigned char>(c) < 0x20)
            std::abort(); // a record would not be one line
    return 0;
}
