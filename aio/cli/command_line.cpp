#include <aio/base/text.hpp>
#include <aio/cli/command.hpp>
#include <aio/cli/command_line.hpp>
#include <aio/config/load.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>

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
    std::size_t index = 0;
    while (index < arguments.size() && arguments[index].starts_with('-') && arguments[index] != "-"
    ) {
        const std::string& text = arguments[index];
        const bool takes_next =
            text == "-c" || text == "-o" || text == "--config" || text == "--override";
        index += takes_next ? 2 : 1;
    }
    return std::min(index, arguments.size());
}

bool is_override(const std::string& text) {
    const std::size_t equals = text.find('=');
    return equals != text.npos && config::split_key(std::string_view{text}.substr(0, equals));
}

const command* find_builtin(std::string_view name) {
    const auto found = std::ranges::find(builtin_commands(), name, &command::name);
    return found == builtin_commands().end() ? nullptr : &*found;
}

/// "; did you mean …?", or nothing.
std::string or_nearest(std::string_view text, std::span<const std::string> choices) {
    const std::string hint = base::did_you_mean(text, choices);
    return hint.empty() ? hint : "; " + hint;
}

} // namespace

std::string unrecognized(std::string_view text, const po::options_description& known) {
    texts names;
    for (const auto& option_description : known.options())
        names.push_back("--" + option_description->long_name());
    return fmt::format("unrecognized option '{}'{}", text, or_nearest(text, names));
}

po::options_description shared_options() {
    po::options_description shared;
    // clang-format off
    shared.add_options()
        ("config,c", po::value<texts>()->composing()->value_name("FILE"),
         "read this file instead of the default one; repeatable, later ones win")
        ("override,o", po::value<texts>()->composing()->value_name("SECTION:OPTION=VALUE"),
         "override one value; repeatable");
    // clang-format on
    return shared;
}

void check_overrides(std::span<const std::string> overrides) {
    for (const std::string& text : overrides)
        if (!is_override(text))
            throw usage_error("-o " + text + ": expected SECTION:OPTION=VALUE");
}

void take_shared(const po::variables_map& parsed, command_line& into) {
    const auto append = [&](const char* name, texts& out) {
        if (!parsed.count(name))
            return;
        const auto& more = parsed[name].as<texts>();
        out.insert(out.end(), more.begin(), more.end());
    };
    append("config", into.files);
    append("override", into.overrides);
    if (parsed.count("help"))
        std::erase_if(into.overrides, std::not_fn(is_override));
    else
        check_overrides(into.overrides);
}

namespace {

po::variables_map parse_strictly(
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
        const po::parsed_options parsed_options =
            po::command_line_parser(texts(arguments.begin(), arguments.end()))
                .options(all)
                .positional(positional)
                .style(style::unix_style & ~style::allow_guessing)
                .run();
        for (const po::option& option : parsed_options.options)
            if (option.string_key == word_name && option.value != option.original_tokens) // "--=x"
                throw po::unknown_option(option.original_tokens.front());
        po::variables_map parsed;
        po::store(parsed_options, parsed);
        po::notify(parsed);
        return parsed;
    } catch (const po::unknown_option& error) {
        throw usage_error(unrecognized(error.get_option_name(), known));
    } catch (const po::error& error) {
        throw usage_error(error.what());
    }
}

/// `aio -o x run -h`: what stands in front of the command is wrong, but help is asked for. What
/// follows the name of a user's command is the command's own.
bool asks_behind_command(std::span<const std::string> arguments, std::size_t index) {
    const command* builtin = index < arguments.size() ? find_builtin(arguments[index]) : nullptr;
    return builtin && builtin->asks_for_help(arguments.subspan(index + 1));
}

po::variables_map help_alone(const po::options_description& known) {
    const texts help{"--help"};
    return parse_strictly(help, known, nullptr);
}

/// What stands in front of the command.
command_line parse_globals(std::span<const std::string> arguments) {
    const po::variables_map parsed = parse_options(arguments, global_options());
    command_line line;
    line.help = parsed.count("help") != 0;
    line.version = parsed.count("version") != 0;
    take_shared(parsed, line);
    return line;
}

command_line parse_all(std::span<const std::string> arguments, std::size_t index) {
    command_line line = parse_globals(arguments.first(index));
    if (index < arguments.size()) {
        line.command = arguments[index];
        const auto behind = arguments.subspan(index + 1);
        line.arguments.assign(behind.begin(), behind.end());
    }
    return line;
}

} // namespace

bool asks_for_help(std::span<const std::string> arguments) {
    const auto end = std::ranges::find(arguments, "--");
    return std::any_of(arguments.begin(), end, [](const std::string& argument) {
        return argument == "-h" || argument == "--help";
    });
}

po::variables_map parse_options(
    std::span<const std::string> arguments, const po::options_description& known, texts* words
) {
    if (!asks_for_help(arguments) || !known.find_nothrow("help", false))
        return parse_strictly(arguments, known, words);
    try {
        return parse_strictly(arguments, known, words);
    } catch (const usage_error&) {
        return help_alone(known);
    }
}

command_line parse_command_line(std::span<const std::string> arguments) {
    const std::size_t index = command_index(arguments);
    try {
        return parse_all(arguments, index);
    } catch (const usage_error&) {
        if (!asks_behind_command(arguments, index))
            throw;
        command_line help;
        help.command = arguments[index];
        help.arguments = {"--help"};
        return help;
    }
}

std::string invalid_choice(std::string_view text, std::span<const std::string> choices) {
    texts quoted;
    for (const std::string& choice : choices)
        quoted.push_back("'" + choice + "'");
    return fmt::format(
        "invalid choice: '{}' (choose from {}){}",
        text,
        base::join(quoted, ", "),
        or_nearest(text, choices)
    );
}

} // namespace aio::cli
