// The words of a command line: those before the command, those of `aio config`, and those of a
// command with declared options. Whatever the words: they are read, and what was read reads the
// same when it is written out again; or they are refused with a text whose hint names what there
// is. What -o sets is in the configuration.
//
// Input: words parted by NUL, as in /proc/PID/cmdline.
#include <aio/base/visible.hpp>
#include <aio/cli/command.hpp>
#include <aio/cli/command_line.hpp>
#include <aio/cli/config_line.hpp>
#include <aio/command/arguments.hpp>
#include <aio/config/edit.hpp>
#include <aio/config/load.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace aio;
using texts = std::vector<std::string>;

void require(bool holds) {
    if (!holds)
        std::abort();
}

texts words_of(std::string_view input) {
    texts words;
    while (!input.empty()) {
        words.emplace_back(input.substr(0, input.find('\0')));
        input.remove_prefix(std::min(words.back().size() + 1, input.size()));
    }
    return words;
}

texts names_of(const cli::po::options_description& known) {
    texts names;
    for (const auto& one : known.options())
        names.push_back("--" + one->long_name());
    return names;
}

// The hint stands last; names have no quotes in them.
void check_hint(std::string_view said, const texts& names) {
    const std::size_t hint = said.rfind("; did you mean '");
    if (!said.ends_with("'?"))
        return;
    require(hint != said.npos);
    bool inside = false;
    for (std::size_t at = said.find('\'', hint); at != said.npos; inside = !inside) {
        const std::size_t next = said.find('\'', at + 1);
        if (!inside)
            require(std::ranges::count(names, said.substr(at + 1, next - at - 1)) == 1);
        at = next;
    }
    require(!inside);
}

template <typename Parse>
auto accepted(const texts& names, Parse parse) -> std::optional<decltype(parse())> {
    try {
        return parse();
    } catch (const cli::usage_error& e) {
        const std::string_view said = e.what();
        require(!said.empty());
        if (said.starts_with("unrecognized option '"))
            check_hint(said, names);
        return std::nullopt;
    }
}

// Glued to its option, a value may begin with a dash; an empty one cannot be glued.
void write_option(texts& words, const std::string& option, const texts& values) {
    for (const std::string& value : values) {
        words.push_back(option + value);
        if (value.empty())
            words.emplace_back();
    }
}

std::optional<std::string> raw_in(const config::tree& from, const config::assignment& made) {
    const config::section* section =
        made.section == "DEFAULT" ? &from.defaults() : from.find(made.section);
    const config::value* found = section ? section->find(made.option) : nullptr;
    return found ? std::optional{found->raw} : std::nullopt;
}

void check_overrides(const texts& overrides) {
    base::diagnostics problems;
    config::inputs from;
    from.env = [](std::string_view) { return std::nullopt; };
    from.file = [](const std::string&, std::string& error) {
        error = "no such file";
        return std::nullopt;
    };
    from.command_line = config::read_overrides(overrides, problems);
    const auto errors =
        std::ranges::count(problems, base::severity::error, &base::diagnostic::level);
    require(from.command_line.size() + static_cast<std::size_t>(errors) == overrides.size());
    for (const base::diagnostic& one : problems) {
        require(!one.text.empty() && one.where.line > 0 && one.where.line <= overrides.size());
        const std::string& wrong = overrides[one.where.line - 1];
        require(
            base::visible(wrong, base::layout::one_line) != wrong
        ); // nothing else is complained of
    }
    const config::tree merged = config::merge(from);
    merged.check(problems);
    require(problems.empty() || !base::render(problems).empty());
    for (const config::assignment& one : from.command_line) {
        require(!one.section.empty() && !one.option.empty());
        require(raw_in(merged, one).has_value());
    }
    if (!from.command_line.empty())
        require(raw_in(merged, from.command_line.back()) == from.command_line.back().text);
}

texts written(const cli::command_line& line) {
    texts words;
    if (line.help)
        words.emplace_back("--help");
    if (line.version)
        words.emplace_back("--version");
    write_option(words, "-c", line.files);
    write_option(words, "-o", line.overrides);
    words.push_back(line.command);
    words.insert(words.end(), line.arguments.begin(), line.arguments.end());
    return words;
}

texts check_line(const texts& words) {
    cli::po::options_description known = cli::shared_options();
    known.add_options()("help", "")("version", "");
    const auto line = accepted(names_of(known), [&] { return cli::parse_command_line(words); });
    if (!line)
        return {};
    const cli::command_line again = cli::parse_command_line(written(*line));
    require(again.help == line->help && again.version == line->version);
    require(again.files == line->files && again.overrides == line->overrides);
    require(again.command == line->command && again.arguments == line->arguments);
    require(!line->command.starts_with('-') || line->command == "-");
    check_overrides(line->overrides);
    texts commands;
    for (const cli::command& one : cli::builtin_commands())
        commands.emplace_back(one.name);
    const std::string wrong = cli::invalid_choice(line->command, commands);
    require(wrong.starts_with("invalid choice: '"));
    check_hint(wrong, commands);
    return line->arguments;
}

texts written(const cli::config_line& line) {
    texts words;
    write_option(words, "-f", line.files);
    write_option(words, "-c", line.config.files);
    write_option(words, "-o", line.config.overrides);
    const std::pair<bool, const char*> flags[] = {
        {line.interpolate, "--interpolate"},
        {line.json, "--json"},
        {line.origin, "--origin"},
        {line.show_secrets, "--show-secrets"},
        {line.dry_run, "--dry-run"},
        {line.action == cli::config_action::help, "--help"},
    };
    for (const auto& [given, flag] : flags)
        if (given)
            words.emplace_back(flag);
    constexpr const char* actions[] = {
        "", "dump", "get", "set", "unset", "check", "diff", "schema"
    };
    const auto action = actions[static_cast<std::size_t>(line.action)];
    if (line.action == cli::config_action::set)
        words.insert(words.end(), {"--set=" + line.key, line.value});
    else if (line.action == cli::config_action::get || line.action == cli::config_action::unset)
        words.insert(words.end(), {action, "--", line.key});
    else if (line.action != cli::config_action::help)
        words.emplace_back(action);
    if (line.action == cli::config_action::schema && !line.key.empty())
        words.insert(words.end(), {"--", line.key});
    return words;
}

void check_config(const texts& words) {
    const texts names = names_of(cli::config_options());
    const auto line = accepted(names, [&] { return cli::parse_config_line({}, words); });
    if (!line)
        return;
    const cli::config_line again = cli::parse_config_line({}, written(*line));
    require(again.action == line->action && again.key == line->key && again.value == line->value);
    require(again.files == line->files && again.config.files == line->config.files);
    require(again.config.overrides == line->config.overrides);
    require(again.interpolate == line->interpolate && again.json == line->json);
    require(again.origin == line->origin && again.show_secrets == line->show_secrets);
    require(again.dry_run == line->dry_run);
    require(line->action != cli::config_action::set || config::split_key(line->key));
    require(config::unescape(line->value).size() <= line->value.size());
    if (line->action != cli::config_action::help)
        check_overrides(line->config.overrides);
}

const config::schema& declared() {
    static const config::schema all = config::schema{}
                                          .option("times", 1, "a number")
                                          .least(-5)
                                          .option("share", 0.5, "a part")
                                          .option("label", "x", "a text")
                                          .option("wait", std::chrono::seconds(1), "a while")
                                          .words({"none"})
                                          .option("loud", false, "a switch")
                                          .add("room", config::type::size, "a size")
                                          .add("pace", config::type::rate, "a rate")
                                          .add("names", config::type::list, "a list")
                                          .add("colour", config::type::choice, "a choice")
                                          .allowed({"red", "green"})
                                          .required();
    return all;
}

void check_values(const std::map<std::string, texts>& given) {
    texts mistakes;
    const command::values typed = command::read_values(declared(), given, mistakes);
    require(std::ranges::none_of(mistakes, &std::string::empty));
    require(typed.size() == declared().all().size());
    if (!mistakes.empty())
        return;
    std::map<std::string, texts> again;
    for (const auto& [name, one] : given)
        again[name] = {config::to_text(typed.at(name))};
    (void)command::read_values(declared(), again, mistakes);
    require(mistakes.empty());
}

using given_options = std::map<std::string, texts>;

texts written(const given_options& given, const texts& arguments) {
    texts words;
    for (const auto& [name, values] : given) {
        if (values.empty())
            words.push_back("--" + name);
        for (const std::string& one : values)
            if (one.empty())
                words.insert(words.end(), {"--" + name, one});
            else
                words.push_back("--" + name + '=' + one);
    }
    words.emplace_back("--");
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
}

given_options
parse(const texts& words, const cli::po::options_description& known, texts& arguments) {
    const auto parsed = cli::parse_options(words, known, &arguments);
    given_options given;
    for (const auto& [name, one] : parsed)
        if (known.find_nothrow(name, false))
            given[name] = one.value().type() == typeid(texts) ? one.as<texts>() : texts{};
    return given;
}

void check_options(const texts& words) {
    cli::po::options_description known = cli::shared_options();
    known.add_options()("help,h", "")("daemon,d", "");
    for (const config::option& one : declared().all())
        known.add_options()(one.name.c_str(), cli::po::value<texts>()->composing());
    texts arguments, same;
    auto given = accepted(names_of(known), [&] { return parse(words, known, arguments); });
    if (!given)
        return;
    require(parse(written(*given, arguments), known, same) == *given && same == arguments);
    std::erase_if(*given, [](const auto& one) { return !declared().find(one.first); });
    check_values(*given);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const texts words = words_of({reinterpret_cast<const char*>(data), size});
    const texts arguments = check_line(words);
    for (const texts* one : {&words, &arguments}) {
        check_config(*one);
        check_options(*one);
    }
    return 0;
}
