#include <aio/base/text.hpp>
#include <aio/cli/command_line.hpp>
#include <aio/config/load.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aio::cli {
namespace {

using texts = std::vector<std::string>;

// The internal name for words that are no option. Nobody can type it, because a typed name ends
// before a '='.
constexpr const char* word_name = "=word";

po::options_description global_options() {
    po::options_description all;
    // clang-format off
    all.add_options()
        ("help,h", "show help and exit")
        ("version", "print the version and exit");
    // clang-format on
    all.add(shared_options());
    return all;
}

/// Where the command stands: the first argument that is neither an option nor an option's value.
std::size_t command_index(std::span<const std::string> arguments) {
    std::size_t at = 0;
    while (at < arguments.size() && arguments[at].starts_with('-') && arguments[at] != "-") {
        const std::string& one = arguments[at];
        const bool takes_next =
            one == "-c" || one == "-o" || one == "--config" || one == "--override";
        at += takes_next ? 2 : 1;
    }
    return std::min(at, arguments.size());
}

/// "; did you mean …?", or nothing.
std::string or_nearest(std::string_view given, std::span<const std::string> choices) {
    const std::string hint = base::did_you_mean(given, choices);
    return hint.empty() ? hint : "; " + hint;
}

} // namespace

std::string unrecognized(std::string_view given, const po::options_description& known) {
    texts names;
    for (const auto& one : known.options())
        names.push_back("--" + one->long_name());
    return fmt::format("unrecognized option '{}'{}", given, or_nearest(given, names));
}

po::options_description shared_options() {
    po::options_description shared;
    // clang-format off
    shared.add_options()
        ("config,c", po::value<texts>()->composing()->value_name("FILE"),
         "read this file instead of ./aio.conf; repeatable, later ones win")
        ("override,o", po::value<texts>()->composing()->value_name("SECTION:OPTION=VALUE"),
         "set one value above every file; repeatable");
    // clang-format on
    return shared;
}

void check_overrides(std::span<const std::string> overrides) {
    for (const std::string& one : overrides) {
        const std::size_t equals = one.find('=');
        if (equals == one.npos || !config::split_key(std::string_view{one}.substr(0, equals)))
            throw usage_error("-o " + one + ": expected SECTION:OPTION=VALUE");
    }
}

void take_shared(const po::variables_map& parsed, command_line& into) {
    const auto append = [&](const char* name, texts& to) {
        if (!parsed.count(name))
            return;
        const auto& more = parsed[name].as<texts>();
        to.insert(to.end(), more.begin(), more.end());
    };
    append("config", into.files);
    append("override", into.overrides);
    check_overrides(into.overrides);
}

po::variables_map parse_options(
    std::span<const std::string> arguments, const po::options_description& known, texts* words
) {
    namespace style = po::command_line_style;
    po::options_description all;
    po::positional_options_description positional;
    all.add(known);
    if (words) {
        all.add_options()(word_name, po::value<texts>(words));
        positional.add(word_name, -1);
    }
    try {
        const po::parsed_options given =
            po::command_line_parser(texts(arguments.begin(), arguments.end()))
                .options(all)
                .positional(positional)
                .style(style::unix_style & ~style::allow_guessing)
                .run();
        for (const po::option& one : given.options)
            if (one.string_key == word_name && one.value != one.original_tokens) // "--=x"
                throw po::unknown_option(one.original_tokens.front());
        po::variables_map parsed;
        po::store(given, parsed);
        po::notify(parsed);
        return parsed;
    } catch (const po::unknown_option& error) {
        throw usage_error(unrecognized(error.get_option_name(), known));
    } catch (const po::error& error) {
        throw usage_error(error.what());
    }
}

command_line parse_command_line(std::span<const std::string> arguments) {
    const std::size_t at = command_index(arguments);
    const po::variables_map parsed = parse_options(arguments.first(at), global_options());
    command_line line;
    line.help = parsed.count("help") != 0;
    line.version = parsed.count("version") != 0;
    take_shared(parsed, line);
    if (at < arguments.size()) {
        line.command = arguments[at];
        line.arguments.assign(
            arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end()
        );
    }
    return line;
}

std::string invalid_choice(std::string_view given, std::span<const std::string> choices) {
    texts quoted;
    for (const std::string& one : choices)
        quoted.push_back("'" + one + "'");
    return fmt::format(
        "invalid choice: '{}' (choose from {}){}",
        given,
        base::join(quoted, ", "),
        or_nearest(given, choices)
    );
}

} // namespace aio::cli
