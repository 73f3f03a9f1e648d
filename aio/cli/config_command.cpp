// aio config [dump|get|set|unset|check|diff|schema] …

#include <aio/app/exit_status.hpp>
#include <aio/base/text.hpp>
#include <aio/cli/command.hpp>
#include <aio/cli/config_arguments.hpp>
#include <aio/cli/help.hpp>
#include <aio/cli/report.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace aio::cli {
namespace {

using texts = std::vector<std::string>;

constexpr std::array actions{
    std::pair{"dump", config_action::dump},   std::pair{"get", config_action::get},
    std::pair{"set", config_action::set},     std::pair{"unset", config_action::unset},
    std::pair{"check", config_action::check}, std::pair{"diff", config_action::diff},
    std::pair{"schema", config_action::schema},
};

constexpr const char* usage =
    "aio config [dump]                        everything, merged and interpolated\n"
    "       aio config get|-g SECTION[:OPTION]       one section, or one value\n"
    "       aio config set|-s SECTION:OPTION VALUE   edit the file, keep every other byte\n"
    "       aio config unset SECTION[:OPTION]\n"
    "       aio config check                         plan everything, start nothing\n"
    "       aio config diff                          what differs from the defaults\n"
    "       aio config schema [SECTION]              every option there is";

constexpr const char* about =
    "Shows, checks and changes the configuration. In VALUE, \\n, \\t and \\\\ stand for a line\n"
    "end, a tab and a backslash. A VALUE may start with a dash.";

po::options_description own_options() {
    po::options_description own;
    // clang-format off
    own.add_options()
        ("help,h", "show this help and exit")
        ("get,g", po::value<std::string>()->value_name("KEY"), "the same as get")
        ("set,s", po::value<std::string>()->value_name("KEY VALUE"), "the same as set")
        ("file,f", po::value<texts>()->composing()->value_name("FILE"),
         "only this file, raw and without defaults; repeatable; with set: the file to edit")
        ("interpolate", "with -f: interpolated")
        ("json", "as JSON")
        ("origin", "add where each value comes from, and what it overrode")
        ("show-secrets", "print secrets instead of ********")
        ("dry-run", "with set and unset: print the difference, change nothing");
    // clang-format on
    return own;
}

/// The VALUE of set is taken as it stands, dashes and all: the argument behind KEY.
std::optional<std::string> take_value(texts& from) {
    const auto is_set = [](const std::string& one) { return one == "-s" || one == "--set" || one == "set"; };
    const auto found = std::ranges::find_if(from, is_set);
    if (from.end() - found < 3)
        return std::nullopt;
    std::string value = *(found + 2);
    from.erase(found + 2);
    return value;
}

config_action action_of(const std::string& word) {
    texts choices;
    for (const auto& [name, action] : actions) {
        if (word == name)
            return action;
        choices.emplace_back(name);
    }
    throw usage_error(invalid_choice(word, choices));
}

[[noreturn]] void expected(std::string_view what) {
    throw usage_error(std::string(what) + "; aio config -h shows how");
}

/// The words that are no options: an action and its operands, or an operand of -g or -s.
void take_words(config_arguments& into, texts words, const po::variables_map& parsed) {
    if (parsed.count("get") && parsed.count("set"))
        throw usage_error("Please use either -g (--get) or -s (--set) with aio config, not both");
    if (parsed.count("get") || parsed.count("set")) {
        into.action = parsed.count("get") ? config_action::get : config_action::set;
        into.key = parsed[parsed.count("get") ? "get" : "set"].as<std::string>();
    } else if (!words.empty()) {
        into.action = action_of(words.front());
        words.erase(words.begin());
        if (into.action == config_action::get || into.action == config_action::set || into.action == config_action::unset) {
            if (words.empty())
                expected("which SECTION:OPTION?");
            into.key = words.front();
            words.erase(words.begin());
        } else if (into.action == config_action::schema && !words.empty()) {
            into.key = words.front();
            words.erase(words.begin());
        }
    }
    if (!words.empty())
        expected("there is nothing to do with '" + words.front() + "'");
}

} // namespace

config_arguments parse_config_arguments(const texts& arguments) {
    config_arguments result;
    texts left = arguments;
    const auto value = take_value(left);
    const po::options_description own = own_options();
    po::options_description all;
    all.add(own).add(shared_options());
    po::options_description hidden;
    hidden.add(all).add_options()("word", po::value<texts>());
    po::positional_options_description positional;
    positional.add("word", -1);
    const auto parsed = parse_options(left, hidden, positional);
    if (parsed.count("help")) {
        result.action = config_action::help;
        print_command_help(usage, about, all);
        return result;
    }
    take_shared(parsed, result.shared);
    take_words(result, parsed.count("word") ? parsed["word"].as<texts>() : texts{}, parsed);
    if (parsed.count("file"))
        result.files = parsed["file"].as<texts>();
    result.interpolate = parsed.count("interpolate") != 0;
    result.json = parsed.count("json") != 0;
    result.origin = parsed.count("origin") != 0;
    result.show_secrets = parsed.count("show-secrets") != 0;
    result.dry_run = parsed.count("dry-run") != 0;
    if (result.action == config_action::set) {
        if (result.key.find(':') == result.key.npos)
            throw usage_error("Please specify a \"section:key\" to set the value for");
        if (!value)
            expected("which VALUE for " + result.key + "?");
        result.value = *value;
    }
    return result;
}

int config_command(const invocation& call) {
    const config_arguments asked = parse_config_arguments(call.arguments);
    const app::load_request request = with_shared(call.config, asked.shared);
    switch (asked.action) {
    case config_action::help:
        return app::success;
    case config_action::set:
    case config_action::unset:
        return change_config(asked, request);
    default:
        return show_config(asked, request);
    }
}

} // namespace aio::cli
