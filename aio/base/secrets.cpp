#include <aio/base/secrets.hpp>
#include <aio/base/text.hpp>

#include <algorithm>
#include <vector>

namespace aio::base {

namespace {

constexpr std::size_t shortest = 4; // shorter ones would hide ordinary words

bool in_word(char c) {
    const auto u = static_cast<unsigned char>(c);
    return u >= 0x80 || (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z');
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const auto size =
            static_cast<std::size_t>(std::ranges::find_if_not(text, in_word) - text.begin());
        out.push_back(text.substr(0, size));
        text.remove_prefix(std::min(size + 1, text.size()));
    }
    return out;
}

struct span_of_text {
    std::size_t offset, size;
};

// A message, and its copy in lower case for the search.
struct pair {
    std::string shown, folded;

    explicit pair(std::string_view message) : shown(message), folded(lower_ascii(message)) {}

    // The spans are in order and do not overlap. All are hidden in one pass.
    void hide(const std::vector<span_of_text>& spans) {
        if (spans.empty())
            return;
        for (std::string* const text : {&shown, &folded}) {
            std::string masked;
            std::size_t copied = 0;
            for (const span_of_text& hidden : spans) {
                masked.append(*text, copied, hidden.offset - copied).append(secret_mask);
                copied = hidden.offset + hidden.size;
            }
            *text = masked.append(*text, copied);
        }
    }

    void hide_every(const std::string& text) {
        std::vector<span_of_text> found;
        for (std::size_t offset = 0; (offset = folded.find(text, offset)) != std::string::npos;
             offset += text.size())
            found.push_back({offset, text.size()});
        hide(found);
    }

    // Between two quotes, and `is` says so of what stands there.
    template <typename Condition>
    void hide_quoted(Condition is) {
        std::vector<span_of_text> found;
        std::size_t from = folded.find('\'');
        while (from != std::string::npos) {
            const std::size_t index = folded.find('\'', from + 1);
            if (index == std::string::npos)
                break;
            const std::size_t size = index - from - 1;
            const bool hidden = size > 0 && is(folded.substr(from + 1, size));
            if (hidden)
                found.push_back({from + 1, size});
            from = hidden ? folded.find('\'', index + 1) : index;
        }
        hide(found);
    }
};

} // namespace

void secret_texts::insert(texts& into, std::string_view text) {
    std::string fresh = lower_ascii(strip(text));
    if (fresh.find_first_not_of('*') != std::string::npos) // what is left looks like a mask
        into.insert(std::move(fresh));
}

void secret_texts::add(std::string_view text) {
    insert(texts_, text);
    insert(values_, text);
    for (const std::string_view word : words(text))
        if (word.size() >= shortest)
            insert(words_, word);
    for (const std::string_view line : lines(text)) {
        insert(texts_, line);
        for (const std::string& entry : split(line, ','))
            insert(texts_, entry);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos)
            continue;
        const std::string_view right = line.substr(colon + 1);
        if (!right.starts_with("//")) // the scheme of a URL is no secret
            insert(texts_, line.substr(0, colon));
        insert(texts_, right);
    }
}

std::string secret_texts::mask(std::string_view message) const {
    pair entry{message};
    for (const std::string& text : texts_)
        if (text.size() >= shortest)
            entry.hide_every(text);
        else
            entry.hide_quoted([&](const std::string& part) { return part == text; });
    return entry.shown;
}

std::string secret_texts::mask_closely(std::string_view message) const {
    pair entry{mask(message)};
    entry.hide_quoted([&](const std::string& part) {
        const bool between = strip(part).size() != part.size(); // two quotations
        if (between || std::ranges::none_of(part, in_word))
            return false;
        return std::ranges::any_of(values_, [&](const std::string& text) {
            return text.find(part) != std::string::npos;
        });
    });
    for (const std::string& text : words_)
        entry.hide_every(text);
    return entry.shown;
}

diagnostic masked(const diagnostic& message, const secret_texts& secrets) {
    diagnostic out = message;
    const bool closely = message.where.secret_from != 0;
    for (std::string* const part : {&out.text, &out.hint})
        *part = closely ? secrets.mask_closely(*part) : secrets.mask(*part);
    return out;
}

} // namespace aio::base
