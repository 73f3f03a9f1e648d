#include <aio/process/line_cutter.hpp>

#include <algorithm>
#include <utility>

namespace aio::process {

namespace {

bool continues(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// The size of the longest beginning, at most `most`, that does not end inside a character.
std::size_t whole(std::string_view text, std::size_t most) noexcept {
    std::size_t end = most;
    for (int i = 0; i < 3 && end > 0 && continues(text[end]); ++i)
        --end;
    return continues(text[end]) ? most : end;
}

} // namespace

void line_cutter::take(std::string_view bytes) {
    for (;;) {
        const std::size_t end = bytes.find('\n');
        if (end == bytes.npos)
            break;
        if (kept_.empty() && cut_ == 0 && end <= longest) { // most lines: not copied
            const std::string_view line = bytes.substr(0, end);
            target_(line.substr(0, line.size() - line.ends_with('\r')), 0);
        } else {
            keep(bytes.substr(0, end));
            give();
        }
        bytes.remove_prefix(end + 1);
    }
    keep(bytes);
}

void line_cutter::end() {
    if (!kept_.empty() || cut_ != 0)
        give();
}

// Keeps one byte and a carriage return more than the longest line, to find out where to cut.
void line_cutter::keep(std::string_view part) {
    const std::size_t room = longest + 2 - kept_.size();
    const std::size_t taken = std::min(room, part.size());
    kept_ += part.substr(0, taken);
    cut_ += part.size() - taken;
}

void line_cutter::give() {
    if (cut_ == 0 && kept_.ends_with('\r'))
        kept_.pop_back();
    std::string line = std::exchange(kept_, {});
    std::uint64_t cut = std::exchange(cut_, 0);
    if (line.size() > longest) {
        const std::size_t end = whole(line, longest);
        cut += line.size() - end;
        line.resize(end);
    }
    target_(line, cut);
}

} // namespace aio::process
