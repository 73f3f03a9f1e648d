#include <aio/app/exit_status.hpp>
#include <aio/app/secrets.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/text.hpp>
#include <aio/base/way.hpp>
#include <aio/cli/config_edit.hpp>
#include <aio/cli/config_schema.hpp>
#include <aio/cli/output.hpp>
#include <aio/cli/report.hpp>
#include <aio/config/document.hpp>
#include <aio/config/edit.hpp>
#include <aio/config/files.hpp>
#include <aio/config/fold.hpp>
#include <aio/config/load.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::cli {

namespace {

namespace fs = std::filesystem;

struct target {
    std::string path;
    base::descriptor lock;
    config::file_state seen; ///< before its text was read
    std::string text;
    config::layer parsed{"", ""};
};

std::string target_path(const config_line& line, base::diagnostics* problems = nullptr) {
    if (!line.files.empty())
        return line.files.back();
    if (!line.config.files.empty())
        return line.config.files.back();
    return config::find_usual_file(problems).value_or(std::string{config::usual_places().front()});
}

bool is_named(const config_line& line) {
    return !line.files.empty() || !line.config.files.empty();
}

// True: the file, or a link that leads to a new one, may be planted, which was reported.
bool is_refused(const config_line& line, const std::string& path, base::diagnostics& problems) {
    const auto why = is_named(line) ? std::nullopt : base::follow(path).stranger;
    if (why)
        config::refuse_planted(path, *why, problems);
    return why.has_value();
}

// Locks and reads the target. A file that does not exist yet is empty, but a file of -c has to
// exist. A file of which this is not known is read, so that the attempt gives the reason.
std::optional<target> read_target(const config_line& line, int& status) {
    target out;
    base::diagnostics problems;
    out.path = target_path(line, &problems);
    bool refused = is_refused(line, out.path, problems);
    if (!refused) {
        out.lock = config::lock_for_change(out.path);
        out.seen = config::look_at(out.path);
        refused = is_refused(line, out.path, problems); // meanwhile
    }
    if (refused) {
        report(problems);
        status = app::bad_config;
        return std::nullopt;
    }
    const bool may_be_new = !line.files.empty() || line.config.files.empty();
    if (out.seen.exists || out.seen.error != 0 || !may_be_new) {
        bool unread = false;
        const auto source = config::read_source(
            out.path,
            problems,
            &unread,
            is_named(line) ? base::provenance() : base::provenance::found()
        );
        if (!source) {
            report(problems);
            status = unread ? app::usage : app::bad_config;
            return std::nullopt;
        }
        out.text = source->text;
    }
    out.parsed = config::layer{out.path, out.text};
    if (!out.parsed.good()) {
        config::report(*out.parsed.parsed(), problems);
        report(problems);
        status = app::bad_config;
        return std::nullopt;
    }
    report(problems);
    return out;
}

// The spelling of a section in this file: as asked for, or its other one, with ':' or with '/'.
std::string name_in(const target& file, const std::string& asked) {
    const std::optional<std::string> slashed = config::slash_name(asked);
    std::optional<std::string> other;
    for (const config::header& header : file.parsed.parsed()->sections) {
        if (header.line == 0)
            continue;
        if (header.name == asked)
            return asked;
        if (header.name == slashed || config::slash_name(header.name) == asked)
            other = std::string{header.name};
    }
    return other ? *other : slashed.value_or(asked);
}

void print_difference(const target& file, const std::string& after, bool show_secrets) {
    const auto shown = [&](std::string_view text) {
        return show_secrets ? std::string{text} : config::mask_secrets(text, app::declared_secret);
    };
    print_output(
        "{}", config::unified_diff(file.path, file.text, after, shown(file.text), shown(after))
    );
}

int write(const target& file, const config::edited& result, const config_line& line) {
    if (line.dry_run) {
        print_difference(file, result.text, line.show_secrets);
        return app::success;
    }
    if (!result.changed(file.text) && file.seen.exists)
        return app::success;
    const config::saved done = config::save(file.path, result.text, file.seen);
    for (const std::string& said : {done.error, done.note})
        if (!said.empty())
            base::say(said, base::layout::one_line);
    return done.error.empty() ? app::success : app::failure;
}

bool same_file(const std::string& a, const std::string& b) {
    std::error_code ignored;
    return a == b || fs::equivalent(a, b, ignored);
}

// Says so when a layer above the written file still decides the value.
void tell_who_wins(
    const target& file,
    const std::string& section,
    const std::string& option,
    const config_line& line
) {
    const app::loaded now = app::load(line.config);
    const config::section* owner = now.tree.find(section);
    const config::value* winner = owner ? owner->find(option) : nullptr;
    if (!winner || !winner->where.from || same_file(winner->where.from->name, file.path))
        return;
    // Only when the file is a layer of this configuration.
    for (const config::overridden& old : owner->replaced(*winner)) {
        if (!old.where.from || !same_file(old.where.from->name, file.path))
            continue;
        base::location where = winner->where;
        where.column = 0;
        base::say(
            fmt::format(
                "[{}] {} still has the value from {}, which overrides this file",
                section,
                option,
                base::render(where)
            ),
            base::layout::one_line
        );
        return;
    }
}

int refuse(const std::string& key, const std::string& why) {
    base::say(fmt::format("cannot change {}: {}", key, why), base::layout::one_line);
    return app::failure;
}

// Names that the dialect allows and a configuration does not: with a character that cannot be seen.
std::string refused_by_parser(const target& file, const std::string& after) {
    const config::layer changed{file.path, after};
    for (const config::problem& problem : changed.parsed()->problems)
        if (!problem.is_warning())
            return config::describe(*changed.parsed(), problem).text;
    return {};
}

// What the next check would warn of, in the value that was set.
void warn_of_value(
    const target& file,
    const std::string& after,
    const std::string& section,
    const std::string& option
) {
    base::diagnostics warnings;
    const config::layer changed{file.path, after};
    for (const config::problem& mistake : changed.parsed()->problems) {
        if (mistake.section != section || mistake.option != config::fold(option))
            continue;
        base::diagnostic warning = config::describe(*changed.parsed(), mistake);
        if (app::declared_secret(section, mistake.option))
            warning.where.secret_from = mistake.value_column;
        warnings.add(std::move(warning));
    }
    report(warnings);
}

/// The listing of a section of aio; nullptr: the section is a user's, or its options are.
const config::schema_listing*
find_listing(const std::vector<config::schema_listing>& all, std::string_view section) {
    constexpr std::string_view any_name = "NAME";
    for (const config::schema_listing& listing : all) {
        std::string_view known = listing.section;
        if (known == "listen/NAME" || known == "aio/commands")
            continue;
        if (known == section)
            return &listing;
        if (!known.ends_with(any_name))
            continue;
        known.remove_suffix(any_name.size());
        if (section.size() > known.size() && section.starts_with(known))
            return &listing;
    }
    return nullptr;
}

// An option that the section does not have. In a section of several kinds of functions, which may
// have options of their own, only one that is nearly known.
void warn_of_name(const std::string& section, const std::string& option) {
    const auto all = builtin_listings();
    const config::schema_listing* listing = find_listing(all, section);
    const std::string folded = config::fold(option);
    if (!listing || listing->options.find(folded))
        return;
    std::vector<std::string> names;
    bool near = false;
    for (const auto& known : listing->options.all()) {
        names.push_back(known.name);
        near = near || base::nearly(folded, known.name);
    }
    if (!near && listing->section != section)
        return;
    base::diagnostics warnings;
    warnings.warning(
        {},
        fmt::format("unknown option '{}' in [{}]", option, section),
        base::did_you_mean(folded, names)
    );
    report(warnings);
}

int not_there(const target& file, const std::string& key, const std::string& section) {
    std::vector<std::string> names;
    const config::document& parsed = *file.parsed.parsed();
    for (const config::entry& entry : parsed.entries)
        if (parsed.sections[entry.section].name == section)
            names.push_back(fmt::format("{}:{}", section, entry.name));
    for (const config::header& header : parsed.sections)
        if (header.line != 0)
            names.emplace_back(header.name);
    base::diagnostics problems;
    problems.error(
        {}, fmt::format("there is no {} in {}", key, file.path), base::did_you_mean(key, names)
    );
    report(problems);
    return app::failure;
}

} // namespace

int config_set(const config_line& line) {
    int status = app::success;
    const std::optional<target> file = read_target(line, status);
    if (!file)
        return status;
    const auto key = *config::split_key(line.key);
    const std::string section = name_in(*file, key.first);
    const config::edited result =
        config::set_option(file->text, section, key.second, config::unescape(line.value));
    if (!result.refused.empty())
        return refuse(line.key, result.refused);
    if (const std::string why = refused_by_parser(*file, result.text); !why.empty())
        return refuse(line.key, why);
    warn_of_value(*file, result.text, section, key.second);
    warn_of_name(config::slash_name(section).value_or(section), key.second);
    status = write(*file, result, line);
    if (status == app::success && !line.dry_run && line.files.empty())
        tell_who_wins(*file, config::slash_name(section).value_or(section), key.second, line);
    return status;
}

int config_unset(const config_line& line) {
    int status = app::success;
    const std::optional<target> file = read_target(line, status);
    if (!file)
        return status;
    // A key without a colon, or one that is a section as a whole, is a section.
    const auto key = config::split_key(line.key);
    const std::string whole = name_in(*file, line.key);
    config::edited result = config::unset_section(file->text, whole);
    std::string section = whole;
    if (key && !result.found) {
        section = name_in(*file, key->first);
        result = config::unset_option(file->text, section, key->second);
    }
    if (!result.refused.empty())
        return refuse(line.key, result.refused);
    if (!result.found)
        return not_there(*file, line.key, section);
    return write(*file, result, line);
}

} // namespace aio::cli
