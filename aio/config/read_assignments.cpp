// The values that the command line and the environment set.

#include <aio/base/lookalike.hpp>
#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>
#include <aio/config/characters.hpp>
#include <aio/config/fold.hpp>
#include <aio/config/load.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace aio::config {

namespace {

constexpr std::string_view environment_prefix = "AIO_";

// Variables for children of [process/*], which may run aio themselves, and for tests of modules.
constexpr std::array<std::string_view, 4> told_to_others{
    "AIO_PROCESS_INDEX", "AIO_PROCESS_COUNT", "AIO_SEED", "AIO_SEEDS"
};

// The arguments as a text with one line for each, so that messages can show a place and a caret.
std::shared_ptr<const base::source>
lines_of(std::string name, std::span<const std::string> arguments) {
    std::string text;
    for (const std::string& one : arguments) {
        std::string line = one;
        std::replace(line.begin(), line.end(), '\n', ' ');
        std::replace(line.begin(), line.end(), '\r', ' ');
        text += line + '\n';
    }
    return std::make_shared<const base::source>(std::move(name), std::move(text));
}

bool is_text(const assignment& written, base::diagnostics& problems) {
    const std::string* const parts[] = {&written.section, &written.option, &written.text};
    const bool good = std::ranges::all_of(parts, [](const std::string* part) {
        return base::find_invalid_utf8(*part) == std::string::npos;
    });
    if (!good) {
        problems.error(
            written.where, fmt::format("[{}] {}: not UTF-8", written.section, written.option)
        );
        return false;
    }
    if (!is_unseen_in_name(written.section) && !is_unseen_in_name(written.option))
        return true;
    problems.error(
        written.where,
        fmt::format(
            "the name {}:{} holds a character that cannot be seen", written.section, written.option
        )
    );
    return false;
}

// `argument` ends with the value of the assignment.
void warn_of_unseen(const assignment& set, std::string_view argument, base::diagnostics& problems) {
    const std::size_t at = find_unseen_in_value(set.text);
    if (at == std::string_view::npos)
        return;
    base::location where = set.where;
    const std::string_view before = argument.substr(0, argument.size() - set.text.size() + at);
    where.column = static_cast<std::uint32_t>(base::code_points(before)) + 1;
    problems.warning(where, unseen_in_value_text(set.option));
}

} // namespace

std::vector<assignment>
read_overrides(std::span<const std::string> arguments, base::diagnostics& problems) {
    const auto source = lines_of("command line", arguments);
    std::vector<assignment> out;
    for (std::uint32_t i = 0; i < arguments.size(); ++i) {
        const std::string_view one = arguments[i];
        const base::location where{source, i + 1, 1};
        const std::size_t equals = one.find('=');
        const auto key = split_key(one.substr(0, equals));
        if (equals == std::string_view::npos || !key) {
            problems.error(
                where, fmt::format("'{}' sets nothing", one), "write SECTION:OPTION=VALUE"
            );
            continue;
        }
        assignment set{
            key->first,
            std::string{base::strip(key->second)},
            std::string{one.substr(equals + 1)},
            where
        };
        if (const auto slashed = slash_name(set.section))
            set.section = *slashed;
        if (is_text(set, problems)) {
            warn_of_unseen(set, one, problems);
            out.push_back(std::move(set));
        }
    }
    return out;
}

std::vector<assignment> read_environment(
    std::span<const std::string> variables, const schema& known, base::diagnostics& problems
) {
    std::vector<std::string> ours;
    for (const std::string& one : variables) {
        const std::size_t equals = one.find('=');
        // Set but empty counts as not set, as everywhere (base/environment).
        const bool is_set = equals != std::string::npos && equals + 1 < one.size();
        if (is_set && base::seeming(one.substr(0, equals)).starts_with(environment_prefix))
            ours.push_back(one);
    }
    std::sort(ours.begin(), ours.end());
    const auto source = lines_of("environment", ours);
    std::vector<std::string> names;
    for (const option& one : known.all())
        names.push_back(one.name);
    std::vector<assignment> out;
    for (std::uint32_t i = 0; i < ours.size(); ++i) {
        const std::string_view one = ours[i];
        const std::size_t equals = one.find('=');
        const std::string_view variable = one.substr(0, equals);
        const std::string seen = base::seeming(variable);
        const bool is_spelled = variable.starts_with(environment_prefix);
        const std::string option =
            fold((is_spelled ? variable : std::string_view(seen)).substr(environment_prefix.size())
            );
        assignment set{"aio", option, std::string{one.substr(equals + 1)}, {source, i + 1, 1}};
        if (std::ranges::find(told_to_others, variable) != told_to_others.end())
            continue;
        if (!is_spelled || !known.find(option)) {
            problems.warning(
                set.where,
                fmt::format("{} sets no option of [aio]", variable),
                is_spelled
                    ? base::did_you_mean(option, names)
                    : base::with_seeming(fmt::format("did you mean {}?", seen), variable, seen)
            );
        } else if (is_text(set, problems)) {
            warn_of_unseen(set, one, problems);
            out.push_back(std::move(set));
        }
    }
    return out;
}

} // namespace aio::config
