#include <aio/base/standard_error.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <exception>
#include <tuple>

namespace aio::base {

void print_error(std::string_view text) noexcept {
    std::ignore = write_text(STDERR_FILENO, text, no_limit);
}

void say(std::string_view text, layout as, std::chrono::milliseconds patience) noexcept {
    try {
        const std::string line = fmt::format("aio: {}\n", visible(text, as));
        std::ignore = write_text(STDERR_FILENO, line, patience);
    } catch (const std::exception&) {
        std::ignore = write_text(STDERR_FILENO, "aio: no memory for a message\n", patience);
    }
}

} // namespace aio::base
