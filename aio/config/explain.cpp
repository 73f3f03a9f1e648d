#include <aio/base/path_hint.hpp>
#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>
#include <aio/config/explain.hpp>
#include <aio/config/fold.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace aio::config {

namespace {

constexpr std::size_t longest_quote = 60;

// The first line of a text, cut to a readable length.
std::string quoted(std::string_view text, bool secret) {
    if (secret)
        return std::string{base::secret_mask};
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::size_t offset = 0;
    for (std::size_t n = 0; offset < end && n < longest_quote; ++n)
        offset += base::decode(text, offset).bytes;
    return fmt::format("'{}{}'", text.substr(0, offset), offset < text.size() ? "..." : "");
}

struct scene {
    const layers& over;
    const failure& of;
    bool secret;
    base::hint_cache& hints;

    std::string_view section_name(std::uint32_t i) const { return over.sections()[i].name; }

    const entry& written(option_ref n) const { return over.at(n.slot).written(); }

    std::string_view raw() const { return written(of.option).raw; }

    // "${" or "$<", as it is written.
    std::string spelled() const {
        const bool angle = raw().substr(of.offset + 1).starts_with('<');
        return fmt::format("${}{}{}", angle ? '<' : '{', of.reference, angle ? '>' : '}');
    }

    std::string in_value() const {
        return raw() == spelled() && !secret
                   ? fmt::format("'{}'", raw())
                   : fmt::format("'{}' in {}", spelled(), quoted(raw(), secret));
    }
};

std::string text_of(const layers& over, std::span<const option_ref> steps) {
    std::string out;
    for (const option_ref& option : steps)
        out += fmt::format(
            "{}{}:{}",
            out.empty() ? "" : " -> ",
            over.sections()[option.section].name,
            over.at(option.slot).written().name
        );
    return out;
}

std::vector<std::string> options_of(const layers& over, std::uint32_t section) {
    std::vector<std::string> names;
    over.for_each_option(section, [&](std::uint32_t i) {
        names.emplace_back(over.at(i).written().name);
    });
    return names;
}

std::vector<std::string> section_names(const layers& over) {
    std::vector<std::string> names;
    for (const merged_section& merged : over.sections())
        names.emplace_back(merged.name);
    return names;
}

// "did you mean ${web:port}?" for sections that do have the option.
std::string elsewhere(const layers& over, std::string_view option) {
    constexpr std::size_t most = 3;
    const std::string folded = fold(option);
    std::vector<std::string> found;
    for (std::uint32_t i = 0; i < over.sections().size() && found.size() < most; ++i)
        if (over.find_own(i, folded) != layers::none)
            found.push_back(fmt::format("${{{}:{}}}", over.sections()[i].name, folded));
    return found.empty() ? "" : fmt::format("did you mean {}?", fmt::join(found, " or "));
}

struct wording {
    std::string text, hint;
};

wording words_for_section(const scene& s, std::string_view section, std::string_view option) {
    const std::string name{section};
    wording out{
        fmt::format("there is no section [{}] for {}", name, s.in_value()),
        s.hints.get(
            fmt::format("{}:{}", name, option),
            [&] {
                const std::string near = base::did_you_mean(name, section_names(s.over));
                return near.empty() ? elsewhere(s.over, option) : near;
            }
        ),
    };
    return out;
}

// "${option:-text}" is not the form of a default: that names its section.
std::string default_hint(std::string_view body) {
    const std::size_t colon = body.find(':');
    if (colon == std::string_view::npos || !body.substr(colon).starts_with(":-"))
        return {};
    return fmt::format("a default is written ${{section:{}}}", body);
}

wording missing(const scene& s) {
    const std::string_view body = s.of.reference;
    const std::size_t colon = body.find(':');
    const std::string_view option = colon == std::string_view::npos ? body : body.substr(colon + 1);
    if (option.empty() || colon == 0)
        return {
            fmt::format("{} needs the name of a section and of an option", s.in_value()),
            "write ${section:option}"
        };
    std::uint32_t section = s.of.option.section;
    wording out;
    if (colon != std::string_view::npos)
        section = s.over.find_section(body.substr(0, colon));
    if (section == layers::none) {
        out = words_for_section(s, body.substr(0, colon), option);
    } else {
        out.text = fmt::format(
            "there is no option '{}' in [{}] for {}", option, s.section_name(section), s.in_value()
        );
        out.hint = s.hints.get(fmt::format("{}:{}", s.section_name(section), option), [&] {
            const std::string near = base::did_you_mean(option, options_of(s.over, section));
            return near.empty() ? elsewhere(s.over, option) : near;
        });
    }
    if (std::string hint = default_hint(body); !hint.empty())
        out.hint = std::move(hint);
    return out;
}

wording three_parts(const scene& s) {
    const std::string_view body = s.of.reference;
    const std::size_t last = body.rfind(':');
    const std::string section{body.substr(0, last)};
    wording out{fmt::format("'{}' has more than one ':'", s.spelled()), "write ${section:option}"};
    std::string slashed = section;
    std::replace(slashed.begin(), slashed.end(), ':', '/');
    if (s.over.find_section(section) != layers::none)
        out.hint =
            fmt::format("section [{}] has a ':' in its name and cannot be referred to", section);
    else if (s.over.find_section(slashed) != layers::none)
        out.hint = fmt::format("did you mean ${{{}:{}}}?", slashed, body.substr(last + 1));
    return out;
}

wording no_file(const scene& s) {
    constexpr std::string_view beginning = "file:", mark = ":-";
    const std::string_view path = std::string_view(s.of.reference).substr(beginning.size());
    if (path.empty())
        return {fmt::format("{} needs the path of a file", s.in_value()), "write ${file:PATH}"};
    wording out{fmt::format("cannot read the file for {}: {}", s.in_value(), s.of.reason), {}};
    if (path.find(mark) != std::string_view::npos)
        out.hint = "the file of ${file:PATH} takes no default: the ':-' is part of its path";
    else
        out.hint = base::path_hint(path);
    return out;
}

wording words_for(const scene& s) {
    switch (s.of.kind) {
    case failure_kind::dollar:
        return {
            fmt::format(
                "'$' must be followed by '$', '{{' or '<', found: {}",
                quoted(s.raw().substr(s.of.offset), s.secret)
            ),
            "write `$$` for a dollar sign",
        };
    case failure_kind::unclosed: {
        const bool angle = s.raw()[s.of.offset + 1] == '<';
        return {
            fmt::format("'${}' without its '{}'", angle ? '<' : '{', angle ? '>' : '}'),
            "write `$$` for a dollar sign",
        };
    }
    case failure_kind::empty:
        return {"a reference needs a name, as in ${section:option}", {}};
    case failure_kind::three_parts:
        return three_parts(s);
    case failure_kind::missing:
        return missing(s);
    case failure_kind::no_variable:
        if (s.of.reference.starts_with("env::") || s.of.reference == "env:")
            return {
                fmt::format("{} needs the name of a variable", s.in_value()), "write ${env:NAME}"
            };
        return {
            fmt::format("the environment variable of {} is not set, or empty", s.in_value()),
            fmt::format("write ${{{}:-text}} to give a default", s.of.reference),
        };
    case failure_kind::bad_variable:
        return {
            fmt::format(
                "the environment variable of {} is not text: {}", s.in_value(), s.of.reason
            ),
            {}
        };
    case failure_kind::no_file:
        return no_file(s);
    case failure_kind::cycle:
        return {
            fmt::format("references go round in a circle: {}", chain_text(s.over, s.of)),
            fmt::format(
                "give one of them a value without a reference to the others", deepest_reference
            ),
        };
    case failure_kind::too_deep:
        return {
            fmt::format(
                "its references are more than {} steps deep: {}",
                deepest_reference,
                text_of(s.over, s.of.steps)
            ),
            "refer to a value that is nearer to the end of these steps",
        };
    case failure_kind::too_large:
        return {fmt::format("the value grows beyond {} MiB", longest_result >> 20), {}};
    }
    return {};
}

} // namespace

std::string chain_text(const layers& over, const failure& mistake) {
    return text_of(over, mistake.chain);
}

base::location where_is(const layers& over, const failure& mistake, bool secret) {
    const slot& found = over.at(mistake.option.slot);
    const place where = found.from->place_of(found.written(), mistake.offset);
    base::location out = found.from->at(where.line, where.column);
    if (secret) {
        const std::string_view before = found.written().raw.substr(0, mistake.offset);
        out.secret_from = found.from->place_of(found.written(), before.rfind('\n') + 1).column;
    }
    return out;
}

std::optional<std::string_view> missing_section(const layers& over, const failure& mistake) {
    const std::string_view body = mistake.reference;
    const std::size_t colon = body.find(':');
    if (mistake.kind != failure_kind::missing || colon == std::string_view::npos ||
        over.find_section(body.substr(0, colon)) != layers::none)
        return std::nullopt;
    return body.substr(0, colon);
}

base::diagnostic
explain(const layers& over, const failure& mistake, bool secret, base::hint_cache& hints) {
    failure shown = mistake;
    if (mistake.kind == failure_kind::too_deep) { // at the value that was asked for
        shown.option = mistake.steps.front();
        shown.offset = mistake.asked_offset;
    }
    const scene s{over, shown, secret, hints};
    wording words = words_for(s);
    return {
        base::severity::error,
        where_is(over, shown, secret),
        fmt::format(
            "[{}] {}: {}",
            s.section_name(shown.option.section),
            s.written(shown.option).name,
            words.text
        ),
        std::move(words.hint),
    };
}

} // namespace aio::config
