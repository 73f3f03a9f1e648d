#include <aio/base/environment.hpp>
#include <aio/base/text.hpp>
#include <aio/config/document.hpp>
#include <aio/config/files.hpp>
#include <aio/config/fold.hpp>
#include <aio/config/load.hpp>
#include <aio/config/tree_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace aio::config {

namespace {

// Kinds whose sections were once written with a colon.
constexpr std::array<std::string_view, 10> colon_kinds{
    "aio",
    "schedule",
    "server",
    "listen",
    "web",
    "bean",
    "service",
    "supervisor",
    "process",
    "client"
};

std::uint32_t width(std::string_view text) {
    return static_cast<std::uint32_t>(base::code_points(text));
}

// A document with one option, placed where the assignment was written.
std::shared_ptr<const document> document_of(const assignment& from) {
    auto out = std::make_shared<document>();
    out->source =
        from.where.from ? from.where.from : std::make_shared<const base::source>("assignment", "");
    const std::string_view line = base::line_at(out->source->text, from.where.line);
    const std::size_t equals = std::min(line.find('='), line.size());
    out->sections.push_back({default_section, 0, 0, hash_of(default_section)});
    if (from.section != default_section) {
        const std::string_view name = out->room.keep(from.section);
        out->sections.push_back({name, from.where.line, from.where.column, hash_of(name)});
    }
    entry& e = out->entries.emplace_back();
    e.name = out->room.keep(fold(from.option));
    e.raw = out->room.keep(from.text);
    e.section = static_cast<std::uint32_t>(out->sections.size() - 1);
    e.line = from.where.line;
    e.column = from.where.column;
    e.value_column = width(line.substr(0, equals)) + 2;
    e.hash = hash_of(e.name);
    // All lines of a value are on one line of the command line.
    std::uint32_t column = e.value_column;
    for (const char c : e.raw)
        if (++column; c == '\n')
            out->more.push_back({e.line, column});
    e.more_count = static_cast<std::uint32_t>(out->more.size());
    return out;
}

// Collects the sections that are still written with a colon, for one warning about all of them.
class colon_sections {
  public:
    void note(const document& parsed, base::diagnostics& problems) {
        std::set<std::string_view> names;
        for (const header& written : parsed.sections)
            names.insert(written.name);
        for (const header& written : parsed.sections) {
            const std::optional<std::string> other = slash_name(written.name);
            if (!other)
                continue;
            if (names.contains(*other))
                problems.error(
                    parsed.at(written.line, written.column),
                    fmt::format(
                        "[{}] is read as [{}], which is in this file too", written.name, *other
                    )
                );
            else
                found_.push_back(
                    {std::string{written.name}, *other, parsed.at(written.line, written.column)}
                );
        }
    }

    void report(base::diagnostics& problems) const {
        if (found_.empty())
            return;
        const base::location& first = found_.front().where;
        if (found_.size() == 1)
            return problems.warning(
                first,
                fmt::format("[{}] is read as [{}]", found_.front().name, found_.front().read_as),
                fmt::format("write [{}]", found_.front().read_as)
            );
        base::diagnostic all{base::severity::warning, first, {}, {}, base::excerpt::none};
        all.text = fmt::format(
            "{} sections are named with ':' and read with '/', as [{}]; they are at {}",
            found_.size(),
            found_.front().read_as,
            places()
        );
        problems.add(std::move(all));
    }

  private:
    struct section {
        std::string name, read_as;
        base::location where;
    };

    // "aio.conf:1, 5, 9, more.conf:3"
    std::string places() const {
        std::string out;
        const base::source* from = nullptr;
        for (const section& owner : found_) {
            base::location line = owner.where;
            line.column = 0;
            const bool same = line.from.get() == from;
            out += out.empty() ? "" : ", ";
            out += same ? std::to_string(line.line) : base::render(line);
            from = line.from.get();
        }
        return out;
    }

    std::vector<section> found_;
};

// `[aio] include` has an effect only in files; anywhere else it is reported.
constexpr std::string_view idle_include =
    "include has no effect here: only a configuration file that "
    "is read by its name can include others";

bool is_include(std::string_view section, std::string_view option) {
    return section == "aio" && fold(option) == "include";
}

void report_idle_includes(const document& parsed, bool is_file, base::diagnostics& problems) {
    for (const entry& item : parsed.entries) {
        const std::string_view section = parsed.sections[item.section].name;
        const bool inherited = section == default_section && item.name == "include";
        if (inherited || (!is_file && is_include(section, item.name)))
            problems.warning(parsed.at(item.line, item.column), std::string{idle_include});
    }
}

// A message whose line holds the value of a declared secret does not show it.
base::diagnostic masked(const inputs& from, const document& parsed, const problem& mistake) {
    base::diagnostic out = describe(parsed, mistake);
    if (mistake.value_column != 0 && from.secret && from.secret(mistake.section, mistake.option))
        out.where.secret_from = mistake.value_column;
    return out;
}

} // namespace

layer::layer(std::shared_ptr<const base::source> from)
    : parsed_(parse(std::move(from), dialect::strict)) {}

layer::layer(std::string name, std::string text)
    : layer(std::make_shared<const base::source>(std::move(name), std::move(text))) {}

bool layer::good() const noexcept {
    return !parsed_->failed;
}

const std::shared_ptr<const base::source>& layer::source() const noexcept {
    return parsed_->source;
}

inputs::inputs()
    : env([](std::string_view name) { return base::variable(std::string{name}); }),
      file(text_reader{}) {}

std::optional<std::string> slash_name(std::string_view section) {
    const std::size_t colon = section.find(':');
    if (colon == std::string_view::npos || colon + 1 == section.size())
        return std::nullopt;
    const std::string_view kind = section.substr(0, section.find_first_of(":/"));
    if (std::find(colon_kinds.begin(), colon_kinds.end(), kind) == colon_kinds.end())
        return std::nullopt;
    std::string out{section};
    std::replace(out.begin(), out.end(), ':', '/');
    return out;
}

std::optional<std::pair<std::string, std::string>> split_key(std::string_view key) {
    const std::size_t colon = key.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || base::strip(key.substr(colon + 1)).empty())
        return std::nullopt;
    return std::pair{std::string{key.substr(0, colon)}, std::string{key.substr(colon + 1)}};
}

tree merge(const inputs& from) {
    layers over;
    if (from.extensions)
        over.rename = slash_name;
    std::vector<std::shared_ptr<const base::source>> files;
    for (const std::vector<layer>* group : {&from.modules, &from.files}) {
        for (const layer& file : *group) {
            over.add(file.parsed());
            files.push_back(file.source());
        }
    }
    for (const std::vector<assignment>* group : {&from.environment, &from.command_line})
        for (const assignment& entry : *group)
            over.add(document_of(entry));
    surroundings outside{from.env, from.file, from.secret, from.extensions};
    auto state = std::make_shared<tree_state>(std::move(over), std::move(outside));
    state->files = std::move(files);
    return tree{std::move(state)};
}

void report(const inputs& from, base::diagnostics& problems) {
    colon_sections colons;
    for (const std::vector<layer>* group : {&from.modules, &from.files}) {
        for (const layer& one : *group) {
            base::diagnostics of_file;
            for (const problem& p : one.parsed()->problems)
                if (from.every_warning || p.kind != problem_kind::clear_comment_in_value)
                    of_file.add(masked(from, *one.parsed(), p));
            if (from.extensions) {
                colons.note(*one.parsed(), of_file);
                report_idle_includes(*one.parsed(), group == &from.files, of_file);
            }
            of_file.sort();
            problems.add(of_file);
        }
    }
    colons.report(problems);
    if (from.extensions)
        for (const std::vector<assignment>* group : {&from.environment, &from.command_line})
            for (const assignment& entry : *group)
                if (is_include(entry.section, entry.option))
                    problems.warning(entry.where, std::string{idle_include});
}

tree load(const inputs& from, base::diagnostics& problems) {
    report(from, problems);
    tree out = merge(from);
    out.check(problems);
    return out;
}

} // namespace aio::config
