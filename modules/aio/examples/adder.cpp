#include "adder.hpp"

#include "examples.hpp"

#include <charconv>

namespace examples {

namespace {

constexpr std::size_t longest_sum = 4096;

std::string_view without_blanks(std::string_view text) {
    const auto from = text.find_first_not_of(" \t\r");
    const auto end = text.find_last_not_of(" \t\r");
    return from == text.npos ? std::string_view{} : text.substr(from, end - from + 1);
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

// close() sends what was written before.
void adder::reply(const std::optional<std::string>& text) {
    if (!text)
        return;
    peer_->write(*text);
    peer_->close();
}

// A factory is for a server that needs more than a protocol. This one only logs its port.
std::unique_ptr<aio::server_handle> adder_factory(aio::server_builder build) {
    build.log().info("adding on port {}", build.port());
    return build.serve<adder>();
}

} // namespace examples
