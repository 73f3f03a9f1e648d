#include <aio/cli/config_line.hpp>

#include <fmt/core.h>

#include <array>
#include <optional>
#include <string_view>

namespace aio::cli {

namespace {

constexpr const char* both = "Please use either -g (--get) or -s (--set) with aio config, not both";
constexpr const char* no_key = "Please specify a \"section:key\" to set the value for";

struct action_name {
    std::string_view word;
    config_action action;
};

constexpr std::array<action_name, 7> actions{{
    {"dump", config_action::dump},
    {"get", config_action::get},
    {"set", config_action::set},
    {"unset", config_action::unset},
    {"check", config_action::check},
    {"diff", config_action::diff},
    {"schema", config_action::schema},
}};

// Program_options takes a value such as -5 for an option. Here the words behind -s are taken as
// they are.
class reader {
  public:
    reader(std::span<const std::string> arguments, config_line& into)
        : arguments_(arguments), line_(into) {}

    /// Help that is asked for comes before any mistake. What was taken as a value asks for nothing.
    void read() {
        try {
            read_strictly();
        } catch (const usage_error&) {
            if (!help_ && !asks_for_help(arguments_.subspan(at_)))
                throw;
            line_.action = config_action::help;
        }
    }

  private:
    void read_strictly() {
        while (at_ < arguments_.size()) {
            const std::string& text = arguments_[at_++];
            if (text == "--")
                only_words_ = true;
            else if (!only_words_ && text.size() > 1 && text.front() == '-')
                take_option(text);
            else
                take_word(text);
        }
        finish();
    }

    // "-fFILE" and "--file=FILE" hold their value; else it is the next argument.
    struct spelled {
        std::string name;
        std::optional<std::string> value;
    };

    static spelled take_apart(const std::string& text) {
        const std::size_t equals = text.find('=');
        if (text.starts_with("--"))
            return equals == std::string::npos
                       ? spelled{text, {}}
                       : spelled{text.substr(0, equals), text.substr(equals + 1)};
        return text.size() == 2 ? spelled{text, {}} : spelled{text.substr(0, 2), text.substr(2)};
    }

    std::string value_of(const spelled& option) {
        if (option.value)
            return *option.value;
        if (at_ == arguments_.size())
            throw usage_error(fmt::format("option '{}' needs a value", option.name));
        return arguments_[at_++];
    }

    bool take_flag(const std::string& name) {
        const std::array<std::pair<std::string_view, bool*>, 5> flags{{
            {"--interpolate", &line_.interpolate},
            {"--json", &line_.json},
            {"--origin", &line_.origin},
            {"--show-secrets", &line_.show_secrets},
            {"--dry-run", &line_.dry_run},
        }};
        for (const auto& [flag, target] : flags) {
            if (flag == name) {
                *target = true;
                return true;
            }
        }
        return false;
    }

    void take_option(const std::string& text) {
        const spelled option = take_apart(text);
        if (!option.value && (option.name == "-h" || option.name == "--help"))
            help_ = true;
        else if (option.name == "-g" || option.name == "--get")
            choose(config_action::get, value_of(option));
        else if (option.name == "-s" || option.name == "--set")
            choose(config_action::set, value_of(option));
        else if (option.name == "-f" || option.name == "--file")
            line_.files.push_back(value_of(option));
        else if (option.name == "-c" || option.name == "--config")
            line_.config.files.push_back(value_of(option));
        else if (option.name == "-o" || option.name == "--override")
            line_.config.overrides.push_back(value_of(option));
        else if (option.value || !take_flag(option.name))
            throw usage_error(unrecognized(text, config_options()));
    }

    void choose(config_action action, std::optional<std::string> key = {}) {
        if (chosen_ && *chosen_ != action && action != config_action::unset)
            throw usage_error(both);
        chosen_ = action;
        if (key)
            words_.push_back(*key);
        // The value of `set` may begin with a dash.
        if (action == config_action::set && key && at_ < arguments_.size())
            words_.push_back(arguments_[at_++]);
    }

    void take_word(const std::string& text) {
        if (chosen_ || !words_.empty()) {
            words_.push_back(text);
            return;
        }
        for (const action_name& known : actions) {
            if (known.word == text) {
                chosen_ = known.action;
                if (known.action == config_action::set)
                    take_set_words();
                return;
            }
        }
        std::vector<std::string> names;
        names.reserve(actions.size());
        for (const action_name& known : actions)
            names.emplace_back(known.word);
        throw usage_error("config: " + invalid_choice(text, names));
    }

    // `set KEY VALUE`: options may stand before the key, not between it and the value.
    void take_set_words() {
        if (at_ + 1 < arguments_.size() && !arguments_[at_].starts_with('-')) {
            words_.push_back(arguments_[at_++]);
            words_.push_back(arguments_[at_++]);
        }
    }

    void finish() {
        line_.action = help_ ? config_action::help : chosen_.value_or(config_action::dump);
        if (help_)
            return;
        check_overrides(line_.config.overrides);
        std::size_t most = 0;
        switch (line_.action) {
        case config_action::get:
        case config_action::unset:
            need(1, "which SECTION[:OPTION]?");
            most = 1;
            break;
        case config_action::set:
            check_set_key();
            need(2, "which value?");
            most = 2;
            break;
        case config_action::schema:
            most = 1;
            break;
        default:
            break;
        }
        check_options();
        if (words_.size() > most)
            throw usage_error(fmt::format("config: one word too many: '{}'", words_[most]));
        line_.key = words_.empty() ? "" : words_[0];
        line_.value = words_.size() > 1 ? words_[1] : "";
    }

    /// Refuses options that the action would ignore.
    void check_options() const {
        using enum config_action;
        const config_action action = line_.action;
        const bool shows = action == dump || action == get || action == diff;
        const bool changes = action == set || action == unset;
        if (!line_.files.empty() && !changes && !shows)
            refuse("-f", "use -c FILE");
        if (line_.interpolate && !(shows && !line_.files.empty()))
            refuse("--interpolate", "it belongs to dump, get and diff with -f FILE");
        if (line_.json && changes)
            refuse("--json", "it belongs to dump, get, check, diff and schema");
        if (line_.origin && !shows)
            refuse("--origin", "it belongs to dump, get and diff");
        if (line_.show_secrets && !shows && !(changes && line_.dry_run))
            refuse("--show-secrets", "no value is printed");
        if (line_.dry_run && !changes)
            refuse("--dry-run", "it belongs to set and unset");
    }

    [[noreturn]] void refuse(std::string_view option, std::string_view hint) const {
        std::string_view word;
        for (const action_name& known : actions)
            if (known.action == line_.action)
                word = known.word;
        throw usage_error(fmt::format("config {}: {} is not possible here; {}", word, option, hint)
        );
    }

    void check_set_key() const {
        if (words_.empty() || !config::split_key(words_[0]))
            throw usage_error(no_key);
    }

    void need(std::size_t count, std::string_view name) const {
        if (words_.size() < count)
            throw usage_error(fmt::format("config: {}", name));
    }

    std::span<const std::string> arguments_;
    config_line& line_;
    std::size_t at_ = 0;
    std::optional<config_action> chosen_;
    std::vector<std::string> words_;
    bool only_words_ = false;
    bool help_ = false;
};

} // namespace

po::options_description config_options() {
    po::options_description all;
    // clang-format off
    all.add_options()
        ("help,h", "show this help and exit")
        ("get,g", po::value<std::string>()->value_name("SECTION[:OPTION]"), "print a section or one value")
        ("set,s", po::value<std::string>()->value_name("SECTION:OPTION VALUE"),
         "set a value in the file; \\n, \\t and \\\\ in VALUE are unescaped")
        ("file,f", po::value<std::string>()->value_name("FILE"),
         "read or change only this file, without defaults and references; repeatable")
        ("interpolate", "with -f: resolve references")
        ("json", "print JSON")
        ("origin", "add file:line and the overridden values")
        ("show-secrets", "print secrets instead of ********")
        ("dry-run", "print what set or unset would change");
    // clang-format on
    all.add(shared_options());
    return all;
}

config_line parse_config_line(app::load_request before, std::span<const std::string> arguments) {
    config_line out;
    out.config = std::move(before);
    reader{arguments, out}.read();
    return out;
}

bool asks_for_config_help(std::span<const std::string> arguments) {
    try {
        return parse_config_line({}, arguments).action == config_action::help;
    } catch (const usage_error&) {
        return false;
    }
}

} // namespace aio::cli
