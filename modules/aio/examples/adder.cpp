#include "adder.hpp"

#include "examples.hpp"

#include <charconv>

namespace examples {

namespace {

constexpr std::size_t longest_sum = 4096;

std::string_view without_blanks(std::string_view text) {
    const auto from = text.find_first_not_of(" \t\r");
    const auto to = text.find_last_not_of(" \t\r");
    return from == text.npos ? std::string_view{} : text.substr(from, to - from + 1);
}

} // namespace

std::optional<long long> sum(std::string_view line) {
    long long total = 0;
    for (;;) {
        const auto plus = line.find('+');
        const auto word = without_blanks(line.substr(0, plus));
        long long number = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error != std::errc{} || end != word.data() + word.size() ||
            __builtin_add_overflow(total, number, &total))
            return std::nullopt;
        if (plus == line.npos)
            return total;
        line.remove_prefix(plus + 1);
    }
}

// The answer to what has arrived so far; nothing while it may still become a sum.
std::optional<std::string> answer(std::string_view text, bool ended) {
    const auto line = text.substr(0, text.find('\n'));
    if (const auto total = sum(line))
        return std::to_string(*total) + "\n";
    if (line.size() == text.size() && line.size() < longest_sum && !ended)
        return std::nullopt;
    return "not a sum: " + std::string(line.substr(0, longest_sum)) + "\n";
}

void adder::data_received(std::span<const std::byte> data) {
    text_.append(reinterpret_cast<const char*>(data.data()), data.size());
    reply(answer(text_, false));
}

bool adder::eof_received() {
    if (!text_.empty())
        reply(answer(text_, true));
    return false;
}

// What was written is sent before the connection is closed.
void adder::reply(const std::optional<std::string>& text) {
    if (!text)
        return;
    peer_->write(*text);
    peer_->close();
}

// For when a server needs more than a protocol. This one only says where it is.
std::unique_ptr<aio::server_handle> adder_factory(aio::server_builder build) {
    build.log().info("adding on port {}", build.port());
    return build.serve<adder>();
}

} // namespace examples
