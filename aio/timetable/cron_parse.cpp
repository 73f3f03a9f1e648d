#include <aio/base/text.hpp>
#include <aio/base/units.hpp>
#include <aio/timetable/cron.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace aio::timetable {

namespace {

constexpr std::array<std::string_view, 12> months{
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"
};
constexpr std::array<std::string_view, 7> weekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct field_kind {
    std::string_view name;
    unsigned least, most;
    std::span<const std::string_view> names{}; // names[0] is `least`
};

constexpr std::array<field_kind, 6> kinds{
    field_kind{"minute", 0, 59},
    field_kind{"hour", 0, 23},
    field_kind{"day of month", 1, 31},
    field_kind{"month", 1, 12, months},
    field_kind{"day of week", 0, 7, weekdays},
    field_kind{"second", 0, 59},
};

struct shorthand {
    std::string_view word, line;
};

constexpr std::array<shorthand, 7> shorthands{
    shorthand{"@hourly", "0 * * * *"},
    shorthand{"@daily", "0 0 * * *"},
    shorthand{"@midnight", "0 0 * * *"},
    shorthand{"@weekly", "0 0 * * 0"},
    shorthand{"@monthly", "0 0 1 * *"},
    shorthand{"@yearly", "0 0 1 1 *"},
    shorthand{"@annually", "0 0 1 1 *"},
};

struct word {
    std::size_t offset;
    std::string_view text;
};

std::vector<word> words_of(std::string_view line) {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    std::vector<word> words;
    for (std::size_t index = 0; (index = line.find_first_not_of(blanks, index)) != line.npos;) {
        const std::size_t end = std::min(line.find_first_of(blanks, index), line.size());
        words.push_back({index, line.substr(index, end - index)});
        index = end;
    }
    return words;
}

// One field: a list of items, each `*`, a value or a range, with an optional step.
class field_parser {
  public:
    field_parser(const field_kind& kind, word text, std::vector<cron_error>& errors)
        : kind_(kind), field_(text), errors_(errors) {}

    std::uint64_t parse() {
        std::uint64_t bits = 0;
        std::size_t begin = 0;
        while (true) {
            const std::size_t comma = std::min(field_.text.find(',', begin), field_.text.size());
            if (!item({begin, field_.text.substr(begin, comma - begin)}, bits))
                return 0;
            if (comma == field_.text.size())
                return bits;
            begin = comma + 1;
        }
    }

  private:
    bool item(word text, std::uint64_t& bits) {
        if (text.text.empty())
            return fail(
                text.offset, fmt::format("empty entry in {} '{}'", kind_.name, field_.text)
            );
        const std::size_t slash = text.text.find('/');
        unsigned first = kind_.least, last = kind_.most, step = 1;
        const word values{text.offset, text.text.substr(0, slash)};
        if (values.text != "*" && !range(values, slash != text.text.npos, first, last))
            return false;
        if (slash != text.text.npos &&
            !step_of({text.offset + slash + 1, text.text.substr(slash + 1)}, step))
            return false;
        for (unsigned at = first; at <= last; at += step)
            bits |= std::uint64_t{1} << at;
        return true;
    }

    // `5`, `5-9`; `5/2` counts from 5 to the end.
    bool range(word text, bool stepped, unsigned& first, unsigned& last) {
        const std::size_t dash = text.text.find('-');
        if (!value({text.offset, text.text.substr(0, dash)}, first))
            return false;
        if (dash == text.text.npos) {
            last = stepped ? kind_.most : first;
            return true;
        }
        if (!value({text.offset + dash + 1, text.text.substr(dash + 1)}, last))
            return false;
        if (kind_.most == 7 && last == 0 && first > 0)
            last = 7; // fri-sun
        if (first > last)
            return fail(
                text.offset,
                fmt::format("{} range '{}' runs backwards", kind_.name, text.text),
                fmt::format(
                    "write {}-{},{}-{}",
                    text.text.substr(0, dash),
                    kind_.most,
                    kind_.least,
                    text.text.substr(dash + 1)
                )
            );
        return true;
    }

    bool value(word text, unsigned& result) {
        const auto name = std::ranges::find_if(kind_.names, [&](std::string_view known) {
            return base::equal_ignoring_case(known, text.text);
        });
        if (name != kind_.names.end()) {
            result = kind_.least + static_cast<unsigned>(name - kind_.names.begin());
            return true;
        }
        const std::optional<unsigned> number = digits(text.text);
        if (!number)
            return fail(
                text.offset, fmt::format("'{}' is not a {}", text.text, kind_.name), near(text.text)
            );
        if (*number < kind_.least || *number > kind_.most)
            return fail(
                text.offset,
                fmt::format(
                    "{} {} is outside {}-{}", kind_.name, text.text, kind_.least, kind_.most
                )
            );
        result = *number;
        return true;
    }

    bool step_of(word text, unsigned& result) {
        const std::optional<unsigned> number = digits(text.text);
        const unsigned most = kind_.most - kind_.least + 1;
        if (!number)
            return fail(
                text.offset, fmt::format("'{}' is not a step of the {}", text.text, kind_.name)
            );
        if (*number == 0 || *number > most)
            return fail(
                text.offset,
                fmt::format("step {} of the {} is outside 1-{}", text.text, kind_.name, most),
                *number == 0 ? "" : fmt::format("write {}: it means the same", with(text, most))
            );
        result = *number;
        return true;
    }

    /// The whole field with another step.
    std::string with(word step, unsigned other) const {
        std::string field{field_.text};
        return field.replace(step.offset, step.text.size(), fmt::format("{}", other));
    }

    static std::optional<unsigned> digits(std::string_view text) {
        if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != text.npos)
            return std::nullopt;
        unsigned number = 0;
        for (char c : text)
            number = number * 10 + static_cast<unsigned>(c - '0');
        return number;
    }

    std::string near(std::string_view text) const {
        if (text == "?")
            return "* stands for every value";
        if (text == "H")
            return "write a number; the option jitter spreads runs";
        const std::vector<std::string> names(kind_.names.begin(), kind_.names.end());
        return base::did_you_mean(base::lower_ascii(text.substr(0, 12)), names);
    }

    bool fail(std::size_t offset, std::string text, std::string hint = {}) {
        errors_.push_back({field_.offset + offset, std::move(text), std::move(hint)});
        return false;
    }

    const field_kind& kind_;
    word field_;
    std::vector<cron_error>& errors_;
};

/// `word` in small letters. Other systems have words that mean no time of the day.
std::string hint_for_word(std::string_view word, const std::vector<std::string>& names) {
    if (word == "@reboot")
        return "what runs once, at the start, is a [bean/NAME] or a [process/NAME]";
    if (word == "@every")
        return "an interval is an option of its own: every = 5m";
    return base::did_you_mean(word, names);
}

std::optional<std::string_view>
expand_shorthand(const std::vector<word>& words, std::vector<cron_error>& errors) {
    const word& first = words.front();
    const auto found = std::ranges::find_if(shorthands, [&](const shorthand& shorthand) {
        return base::equal_ignoring_case(shorthand.word, first.text);
    });
    if (found == shorthands.end()) {
        std::vector<std::string> names;
        for (const shorthand& one : shorthands)
            names.emplace_back(one.word);
        errors.push_back(
            {first.offset,
             fmt::format("unknown cron word '{}'", first.text),
             hint_for_word(base::lower_ascii(first.text.substr(0, 20)), names)}
        );
        return std::nullopt;
    }
    if (words.size() > 1) {
        errors.push_back({words[1].offset, fmt::format("nothing may follow '{}'", first.text), {}});
        return std::nullopt;
    }
    return found->line;
}

/// Five or six; none when that is not what the line has.
std::vector<word> fields_of(std::string_view line, std::vector<cron_error>& errors) {
    std::vector<word> words = words_of(line);
    if (!words.empty() && words.front().text.front() == '@') {
        const std::optional<std::string_view> full = expand_shorthand(words, errors);
        return full ? words_of(*full) : std::vector<word>{};
    }
    if (words.size() == 5 || words.size() == 6)
        return words;
    const std::size_t index = words.size() > 6 ? words[6].offset
                              : words.empty()  ? 0
                                               : words[0].offset;
    errors.push_back(
        {index,
         fmt::format("a cron line has 5 or 6 fields, not {}", words.size()),
         "minute hour day-of-month month day-of-week [second]"}
    );
    return {};
}

} // namespace

std::optional<cron> cron::parse(std::string_view line, std::vector<cron_error>& errors) {
    const std::size_t before = errors.size();
    const std::vector<word> words = fields_of(line, errors);
    std::array<std::uint64_t, 6> bits{0, 0, 0, 0, 0, 1};
    for (std::size_t i = 0; i < words.size(); ++i)
        bits[i] = field_parser{kinds[i], words[i], errors}.parse();
    if (errors.size() != before)
        return std::nullopt;

    cron made;
    made.minutes_ = bits[0];
    made.hours_ = static_cast<std::uint32_t>(bits[1]);
    made.days_ = static_cast<std::uint32_t>(bits[2]);
    made.months_ = static_cast<std::uint32_t>(bits[3]);
    made.weekdays_ = static_cast<std::uint32_t>((bits[4] | bits[4] >> 7) & 0x7f);
    made.seconds_ = bits[5];
    made.either_day_ = words[2].text.front() != '*' && words[4].text.front() != '*';
    if (!made.next_wall(wall_time{})) {
        errors.push_back(
            {words[2].offset,
             fmt::format(
                 "never fires: no month of '{}' has a day '{}'", words[3].text, words[2].text
             ),
             {}}
        );
        return std::nullopt;
    }
    return made;
}

std::optional<cron_error> cron_doubt(std::string_view line) {
    constexpr std::uint64_t every_second = (std::uint64_t{1} << 60) - 1;
    const std::vector<word> words = words_of(line);
    std::vector<cron_error> errors;
    if (words.size() != kinds.size() ||
        field_parser{kinds.back(), words.back(), errors}.parse() != every_second ||
        std::ranges::all_of(words, [](const word& field) { return field.text == "*"; }))
        return std::nullopt;
    std::string moved;
    for (std::size_t i = 1; i < words.size(); ++i)
        moved += fmt::format("{} ", words[i].text);
    return cron_error{
        words.back().offset,
        fmt::format(
            "the sixth field is the second: '{}' runs 60 times a minute", words.back().text
        ),
        fmt::format("if the second stands first in this line, write {}{}", moved, words[0].text)
    };
}

} // namespace aio::timetable
