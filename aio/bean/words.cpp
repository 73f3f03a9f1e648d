#include <aio/bean/words.hpp>
#include <aio/config/fold.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

namespace aio::bean {

namespace {

/// Reads up to one of `ends`, resolving escapes; takes the end, too. 0: the text is over.
char read_until(std::string_view& text, std::string_view ends, std::string& into) {
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (c == '\\' && !text.empty() &&
            std::string_view(",=\\").find(text.front()) != text.npos) {
            into += text.front();
            text.remove_prefix(1);
        } else if (ends.find(c) != ends.npos) {
            return c;
        } else {
            into += c;
        }
    }
    return 0;
}

std::string literal(std::string_view value) {
    std::string out;
    for (const char c : value)
        out += c == '$' ? "$$" : std::string(1, c);
    return out;
}

void check_core(std::string_view core, std::string_view whole) {
    if (core.empty())
        throw bad_words(fmt::format("'{}' names no bean", whole));
    const auto plain = [](unsigned char c) {
        return c >= 0x80 || std::isalnum(c) || c == '_' || c == '.' || c == '-';
    };
    if (!std::ranges::all_of(core, plain))
        throw bad_words(fmt::format("'{}' is no name of a bean", core));
}

bool has(const typed_bean& typed_bean, std::string_view key) {
    return std::ranges::any_of(typed_bean.arguments, [&](const auto& pair) {
        return config::fold(pair.first) == config::fold(key);
    });
}

} // namespace

typed_bean parse_words(std::string_view text) {
    const std::string_view whole = text;
    typed_bean out;
    const std::size_t colon = text.find(':');
    out.core = std::string(text.substr(0, colon));
    check_core(out.core, whole);
    text = colon == text.npos ? std::string_view{} : text.substr(colon + 1);
    while (!text.empty()) {
        std::string key, value;
        if (read_until(text, ",=", key) != '=')
            throw bad_words(fmt::format("'{}': '{}' has no value, write {}=…", whole, key, key));
        if (key.empty() || key.find_first_of(":=") != key.npos)
            throw bad_words(fmt::format("'{}': '{}' is no name of an argument", whole, key));
        if (has(out, key))
            throw bad_words(fmt::format("'{}': '{}' is given twice", whole, key));
        if (read_until(text, ",", value) == ',' && text.empty())
            throw bad_words(fmt::format("'{}' ends with a comma, write '\\,' if it is meant", whole)
            );
        out.arguments.emplace_back(std::move(key), std::move(value));
    }
    return out;
}

std::vector<std::string> assignments_of(
    const std::vector<std::string>& words, const std::function<bool(const std::string&)>& taken
) {
    std::vector<std::string> out;
    std::map<std::string, std::size_t> seen;
    for (const std::string& word : words) {
        const typed_bean one = parse_words(word);
        std::size_t& count = seen[one.core];
        std::string section;
        do {
            ++count;
            section = "bean/" + one.core + (count == 1 ? "" : fmt::format("#{}", count));
        } while (taken(section));
        for (const auto& [key, value] : one.arguments)
            out.push_back(fmt::format("{}:{}={}", section, key, literal(value)));
        out.push_back(fmt::format("{}:core={}", section, one.core));
    }
    return out;
}

} // namespace aio::bean
