#include <aio/app/kinds.hpp>
#include <aio/app/sections.hpp>
#include <aio/base/lookalike.hpp>
#include <aio/base/text.hpp>
#include <aio/config/document.hpp>
#include <aio/config/options.hpp>
#include <aio/log/spec.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace aio::app {
namespace {

constexpr std::array exact{"aio", "aio/commands", "aio/builtin_commands", "aio/testing"};
constexpr std::array reserved{"cluster", "dashboard", "filter", "metrics", "socket", "task", "web"};
constexpr std::string_view core_defaults = "aio.app/aio.conf";

std::string_view kind_of(std::string_view section) {
    return section.substr(0, section.find('/'));
}

bool has_kind(std::string_view section) {
    return section.find('/') != section.npos;
}

std::vector<std::string> owned_kinds() {
    std::vector<std::string> names{"listen", "supervisor"};
    for (const service::kind* kind : kinds())
        names.emplace_back(kind->name);
    return names;
}

bool contains(const auto& all, std::string_view name) {
    return std::ranges::find(all, name) != std::end(all);
}

/// The part of a section's name before the slash, if nothing follows it or if it is the name of a
/// kind.
std::string nameless(std::string_view section, const std::vector<std::string>& kinds) {
    const std::string kind{kind_of(section)};
    const bool unnamed = section == kind || section.size() == kind.size() + 1;
    return unnamed && contains(kinds, kind) ? kind : std::string{};
}

/// aio reads the section itself.
bool is_owned(const std::string& name) {
    return contains(exact, name) || log::owns(name);
}

/// Whether no section of the user has this name.
bool is_taken(const std::string& name, const std::vector<std::string>& kinds) {
    const std::string_view kind = kind_of(name);
    return name == config::default_section || is_owned(name) || !nameless(name, kinds).empty() ||
           (has_kind(name) && (kind == "aio" || contains(kinds, kind) || contains(reserved, kind)));
}

/// "server/x" for the old form "server:x".
std::string divided_by_slash(std::string_view section) {
    std::string name{section};
    if (const auto colon = name.find(':'); !has_kind(name) && colon != name.npos)
        name[colon] = '/';
    return name;
}

/// [default] is an ordinary section, which is not meant to be another one.
bool is_nearly_default(std::string_view section) {
    const bool has_lower =
        std::ranges::any_of(section, [](char c) { return c >= 'a' && c <= 'z'; });
    return !has_lower && base::nearly(section, config::default_section);
}

bool is_default_in_lower_case(std::string_view section) {
    return section != config::default_section &&
           std::ranges::equal(section, config::default_section, [](char written, char upper) {
               return written == upper || written - ('a' - 'A') == upper;
           });
}

/// "server/x" for "sever/x"; nothing when it does not look like a section of aio.
std::string misspelled(std::string_view written, const std::vector<std::string>& kinds) {
    const std::string section_name = divided_by_slash(written);
    const std::string_view section = section_name;
    if (is_nearly_default(section))
        return std::string(config::default_section);
    for (const char* name : exact)
        if (base::nearly(section, name))
            return name;
    const std::string_view kind = kind_of(section);
    for (const std::string& name : kinds)
        if (has_kind(section) && base::nearly(kind, name))
            return name + std::string(base::strip(section.substr(kind.size())));
    for (const char* name : {"logger", "handler", "formatter"}) {
        const std::string_view word = section.substr(0, section.find('_'));
        if (word.size() < section.size() && base::nearly(word, name))
            return name + std::string(section.substr(word.size()));
    }
    const std::string seen = base::seeming(section);
    return seen != section && is_taken(seen, kinds) ? seen : std::string{};
}

std::string misspelling_hint(const std::string& section, const std::string& meant) {
    return base::with_seeming(
        fmt::format("did you mean [{}]? A section of your own needs a name less like it", meant),
        section,
        meant
    );
}

/// A hint for an unknown section [aio/…].
std::string nearest_of_aio(std::string_view section) {
    const std::vector<std::string> known{"commands", "testing"};
    const auto near = base::nearest(section.substr(kind_of(section).size() + 1), known, 1);
    return near.empty() ? "there are [aio/commands] and [aio/testing]"
                        : fmt::format("did you mean [aio/{}]?", near.front());
}

/// Such a space counts, though nobody sees it.
void warn_of_spaces(
    const std::string& name, const base::location& where, base::diagnostics& problems
) {
    const std::string_view after_kind = std::string_view(name).substr(kind_of(name).size() + 1);
    const std::string_view meant = base::strip(after_kind);
    if (meant != after_kind)
        problems.warning(
            where,
            fmt::format("the name in [{}] begins or ends with a space, which is part of it", name),
            fmt::format("did you mean [{}/{}]?", kind_of(name), meant)
        );
}

void check_section(
    const std::string& name,
    const base::location& where,
    const std::vector<std::string>& kinds,
    base::diagnostics& problems
) {
    if (is_owned(name))
        return;
    if (const std::string kind = nameless(name, kinds); !kind.empty())
        return problems.error(where, fmt::format("[{}] needs a name: [{}/NAME]", name, kind));
    if (has_kind(name) && contains(kinds, kind_of(name)))
        return warn_of_spaces(name, where, problems);
    if (has_kind(name) && kind_of(name) == "aio")
        return problems.error(
            where, fmt::format("aio has no section [{}]", name), nearest_of_aio(name)
        );
    if (has_kind(name) && contains(reserved, kind_of(name)))
        problems.error(
            where, fmt::format("[{}]: sections of this kind are not in this version", name)
        );
    else if (is_default_in_lower_case(name))
        problems.warning(
            where,
            fmt::format("[{}] is a section of your own", name),
            "the defaults of all sections are in [DEFAULT]"
        );
    else if (const std::string meant = misspelled(name, kinds); !meant.empty())
        problems.error(
            where, fmt::format("[{}] is not a section of aio", name), misspelling_hint(name, meant)
        );
}

void check_read_only(const config::tree& from, base::diagnostics& problems) {
    const config::section* builtin = from.find("aio/builtin_commands");
    if (!builtin)
        return;
    for (const config::value& value : builtin->values())
        if (!value.inherited && (!value.where.from || value.where.from->name != core_defaults))
            problems.error(
                value.where,
                "[aio/builtin_commands] is read-only",
                "commands of your own go into [aio/commands]"
            );
}

} // namespace

const config::schema& testing_schema() {
    static const config::schema all = [] {
        config::schema s;
        s.option("modules", base::list{}, "modules whose tests `aio test` runs");
        return s;
    }();
    return all;
}

std::optional<module_names> read_testing(const config::tree& from, base::diagnostics& problems) {
    const config::section* section = from.find("aio/testing");
    if (!section)
        return std::nullopt;
    const config::schema* by[] = {&testing_schema()};
    const config::options all = config::read(*section, by, config::unknown::error, problems);
    if (!section->find("modules"))
        return std::nullopt;
    return read_module_names(all, "modules");
}

void check_testing(
    const config::tree& from, const module::loader& known, base::diagnostics& problems
) {
    const auto modules = read_testing(from, problems);
    if (!modules)
        return;
    for (std::size_t i = 0; i < modules->names.size(); ++i)
        if (const std::string& name = modules->names[i]; !known.knows(name))
            problems.error(
                modules->where[i],
                fmt::format("[aio/testing] modules: there is no module '{}'", name),
                base::did_you_mean(name, known.names())
            );
}

void check_sections(const config::tree& from, base::diagnostics& problems) {
    const std::vector<std::string> kinds = owned_kinds();
    for (const config::section& section : from.sections())
        check_section(section.name(), section.where(), kinds, problems);
    check_read_only(from, problems);
}

std::string why_not_own_section(const std::string& name) {
    if (name == config::default_section)
        return fmt::format("[{}] holds the fallbacks of all sections", name);
    if (is_owned(name))
        return fmt::format("[{}] is a section of aio", name);
    const std::vector<std::string> kinds = owned_kinds();
    if (contains(kinds, name))
        return fmt::format("sections [{}/NAME] belong to aio", name);
    base::diagnostics problems;
    check_section(name, {}, kinds, problems);
    return problems.empty() ? std::string() : problems.begin()->text;
}

} // namespace aio::app
