#include "examples.hpp"

#include <charconv>

namespace examples {

namespace {

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

// Reads one line, answers, and is done: the connection closes.
aio::task<void> adder(aio::stream stream) {
    const auto line = co_await stream.read_line();
    if (!line)
        co_return;
    const auto total = sum(*line);
    const std::string answer = total ? std::to_string(*total) : "not a sum: " + *line;
    co_await stream.write(answer + "\n");
}

// For when a server needs more than a protocol. This one only says where it is.
std::unique_ptr<aio::server_handle> adder_factory(aio::server_builder build) {
    build.log().info("adding on port {}", build.port());
    return build.serve(adder);
}

} // namespace examples
