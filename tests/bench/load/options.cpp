#include "options.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <span>
#include <stdexcept>
#include <string_view>

namespace bench {

namespace {

template <typename Number>
Number number(std::string_view name, std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw std::invalid_argument(std::string(name) + ": not a number: " + std::string(text));
    }
    return value;
}

auto into_flag(bool& place) {
    return [&place](std::string_view name, std::string_view text) {
        place = number<int>(name, text) != 0;
    };
}

template <typename Number>
auto into(Number& place) {
    return [&place](std::string_view name, std::string_view text) {
        place = number<Number>(name, text);
    };
}

} // namespace

options read_options(int argc, char** argv) {
    options read;
    const std::map<std::string_view, std::function<void(std::string_view, std::string_view)>> known{
        {"--port", into(read.port)},
        {"--connections", into(read.connections)},
        {"--size", into(read.size)},
        {"--outstanding", into(read.outstanding)},
        {"--warmup", into(read.warmup)},
        {"--secs", into(read.secs)},
        {"--settle", into(read.settle)},
        {"--runs", into(read.runs)},
        {"--tls", into_flag(read.tls)},
        {"--resume", into_flag(read.resume)},
        {"--server", into(read.server)},
        {"--core", into(read.core)},
    };
    std::vector<std::string_view> words(argv + 1, argv + argc);
    if (words.empty()) {
        throw std::invalid_argument("no mode given");
    }
    read.mode = words[0];
    for (std::size_t i = 1; i < words.size(); i += 2) {
        if (words[i] == "--") {
            read.command.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
            break;
        }
        const auto found = known.find(words[i]);
        if (found == known.end() || i + 1 == words.size()) {
            throw std::invalid_argument("wrong option or no value: " + std::string(words[i]));
        }
        found->second(words[i], words[i + 1]);
    }
    const bool sized = read.size > 0 || read.mode == "churn";
    if (read.connections == 0 || !sized || read.outstanding == 0 || read.runs == 0) {
        throw std::invalid_argument("counts and sizes are at least 1");
    }
    return read;
}

} // namespace bench
