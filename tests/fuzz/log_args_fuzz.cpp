// A text as the `args` of every class of handler.
#include <aio/log/handler_class.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace aio::log;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    literal_error error;
    const auto given = parse_arguments(text, error);
    if (!given) {
        if (error.offset > size || error.text.empty())
            std::abort();
        return 0;
    }
    const auto wrong = [&](std::size_t at, const std::string& why) {
        if (at > size || why.empty())
            std::abort();
    };
    for (const std::string& name : handler_class_names())
        (void)read_arguments(*find_handler_class(name), *given, wrong);
    return 0;
}
