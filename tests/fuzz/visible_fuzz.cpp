// A text of somebody else as it is shown: in a message, in one line, in a line of the log, in JSON.
// What comes out is UTF-8 without a hidden character, and has the lines that it may have.
#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>
#include <aio/base/visible.hpp>
#include <aio/log/format.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace aio;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

// Written down a second time: characters that no text shows, whatever stands around them.
bool never_shown(char32_t c) {
    return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c < 0xA0) || c == 0xAD ||
           c == 0x61C || c == 0x200B || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

void require_shown(std::string_view text) {
    require(base::find_invalid_utf8(text) == text.npos);
    for (std::size_t at = 0; at < text.size();) {
        const base::code_point c = base::decode(text, at);
        require(!never_shown(c.value));
        at += c.bytes;
    }
}

std::ptrdiff_t newlines(std::string_view text) {
    return std::count(text.begin(), text.end(), '\n');
}

void require_continued(std::string_view text) {
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1))
        require(text.substr(at + 1).starts_with(base::continuation));
}

std::string logged(std::string_view message, log::look as) {
    const std::chrono::system_clock::time_point moment{std::chrono::milliseconds(1795253812489)};
    log::formatter_spec spec("f", "%(levelname)s(%(name)s): %(message)s");
    spec.as = as;
    std::string line;
    log::make_format(spec, log::format_target::other)
        ->write({log::level::warning, message, message, moment}, line);
    return line;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    const std::string message = base::visible(text);
    require_shown(message);
    require(newlines(message) == newlines(text));
    require(base::visible(message) == message);

    const std::string line = base::visible(text, base::layout::one_line);
    require_shown(line);
    require(newlines(line) == 0);
    require(base::visible(line, base::layout::one_line) == line);

    const std::string entry = base::visible(text, base::layout::log);
    require_shown(entry);
    require(newlines(entry) <= newlines(text) && !entry.ends_with('\n'));
    require_continued(entry);
    require_continued(logged(text, log::look::plain));

    const std::string quoted = base::json_quote(text);
    require_shown(quoted);
    require(newlines(quoted) == 0 && base::visible(quoted) == quoted);
    require(newlines(logged(text, log::look::json)) == 0);
    return 0;
}
