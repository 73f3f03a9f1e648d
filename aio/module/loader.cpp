#include <aio/base/demangle.hpp>
#include <aio/base/input_file.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/text.hpp>
#include <aio/base/trust.hpp>
#include <aio/module/abi.hpp>
#include <aio/module/library.hpp>
#include <aio/module/loader.hpp>

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>

namespace aio::module {

namespace {

constexpr std::size_t longest_defaults = std::size_t{64} << 20;

/// " (no such folder)", " (File name too long)"; empty: the folder was searched. For a name that a
/// module can have, a folder that may not be searched is told of before.
std::string why_not_searched(const std::filesystem::path& folder) {
    struct stat found{};
    if (::stat(folder.c_str(), &found) == 0)
        return S_ISDIR(found.st_mode) ? "" : " (no such folder)";
    return errno == ENOENT || errno == ENOTDIR ? " (no such folder)"
                                               : " (" + base::system_reason(errno) + ')';
}

std::string searched(const path& where) {
    std::string text;
    for (const auto& folder : where.folders()) {
        std::error_code unreadable;
        const std::filesystem::path whole = std::filesystem::absolute(folder, unreadable);
        text += (text.empty() ? "" : ", ") + (unreadable ? folder : whole).string();
        text += why_not_searched(folder);
    }
    return text.empty() ? "the module path is empty" : "searched in " + text;
}

/// A place without a library may be hidden by its defaults.
std::string cannot_look_for(const place& hidden) {
    return fmt::format(
        "cannot look for {}: {}",
        (hidden.library.empty() ? hidden.defaults : hidden.library).string(),
        base::system_reason(EACCES)
    );
}

std::string passed_over(const place& found) {
    return fmt::format(
        "module '{}': cannot look into '{}': {}; {} is used",
        found.name,
        found.passed_over.string(),
        base::system_reason(EACCES),
        found.library.string()
    );
}

/// "undefined symbol: _Z3foov" with the symbol as it is written in C++.
std::string readable(std::string text) {
    constexpr std::string_view mark = "undefined symbol: ";
    const auto found = text.find(mark);
    if (found == std::string::npos)
        return text;
    return std::string(mark) + base::demangle(text.c_str() + found + mark.size());
}

std::optional<refusal> check_entry(const entry* found, std::string_view name) {
    if (!found)
        return refusal{"defines no module", "write AIO_MODULE(" + std::string(name) + ") in it"};
    if (found->size != sizeof(entry) || found->name != name || !found->setup)
        return refusal{"has a damaged entry", "build it again with this aio and its compiler"};
    return std::nullopt;
}

/// Opened once: what is checked here is what is loaded.
const entry* open(const place& from, std::optional<refusal>& why) {
    try {
        const library_file file(from.library);
        if (const auto& reason = file.distrusted()) {
            why = refusal{"is not loaded as root: " + *reason, base::distrust_hint};
            return nullptr;
        }
        if ((why = check_library(file, from.name)))
            return nullptr;
        std::string problem;
        void* const handle = file.load(problem);
        if (!handle) {
            why = refusal{
                "cannot be loaded: " + readable(std::move(problem)),
                "define what is missing, or link what defines it: aio_add_module(… SOURCES … "
                "LINKS …)"
            };
            return nullptr;
        }
        const auto* found =
            static_cast<const entry*>(::dlsym(handle, ("aio_module." + from.name).c_str()));
        why = check_entry(found, from.name);
        return why ? nullptr : found;
    } catch (const elf_error& problem) {
        why = damaged(problem);
        return nullptr;
    }
}

} // namespace

loader::loader(path where, std::span<const builtin> linked)
    : where_(std::move(where)), linked_(linked) {}

const builtin* loader::linked(std::string_view name) const noexcept {
    const auto found = std::ranges::find_if(linked_, [&](const builtin& builtin) {
        return builtin.of->name == name;
    });
    return found == linked_.end() ? nullptr : &*found;
}

void loader::report_unknown(
    std::string_view name, const base::location& wanted, base::diagnostics& problems
) const {
    std::string text = "unknown module '" + std::string(name) + "'";
    if (const auto place = where_.find(name); place && place->hidden)
        text += ": " + cannot_look_for(*place);
    const std::string near = base::did_you_mean(name, names());
    problems.error(
        wanted,
        std::move(text),
        near.empty() ? searched(where_) : near + " (" + searched(where_) + ')'
    );
}

std::optional<place> loader::files_of(std::string_view name) const {
    std::optional<place> found = where_.find(name);
    if (!found || !linked(name))
        return found;
    if (found->hidden)
        return std::nullopt;
    found->library.clear();
    found->defaults.clear();
    return found;
}

config::presence loader::presence_of(std::string_view name) const {
    if (linked(name))
        return config::presence::there;
    const auto place = where_.find(name);
    if (!place)
        return config::presence::absent;
    return place->hidden ? config::presence::hidden : config::presence::there;
}

const entry* loader::load(
    std::string_view name, const base::location& wanted, base::diagnostics& problems
) const {
    if (const builtin* known = linked(name))
        return known->of;
    const auto place = where_.find(name);
    if (!place || place->hidden) {
        report_unknown(name, wanted, problems);
        return nullptr;
    }
    if (place->library.empty()) {
        problems.error(
            wanted,
            "module '" + std::string(name) + "' has no library",
            "no " + std::string(last_word(name)) + ".so in " + place->folder.string()
        );
        return nullptr;
    }
    if (!place->passed_over.empty())
        problems.warning(wanted, passed_over(*place));
    std::optional<refusal> why;
    const entry* found = open(*place, why);
    if (why)
        problems.error(
            wanted,
            "module '" + std::string(name) + "': " + place->library.string() + ' ' + why->text,
            why->hint
        );
    return found;
}

std::optional<base::source>
loader::defaults(std::string_view name, base::diagnostics& problems) const {
    if (const builtin* known = linked(name)) {
        if (known->defaults.empty())
            return std::nullopt;
        return base::source(std::string(name) + "/aio.conf", std::string(known->defaults));
    }
    const auto place = where_.find(name);
    if (!place || place->defaults.empty())
        return std::nullopt;
    const std::string path = place->defaults.string();
    const auto fail = [&](const std::string& why) {
        problems.error(
            {}, "module '" + std::string(name) + "': cannot read '" + path + "': " + why
        );
        return std::nullopt;
    };
    if (const auto why = base::distrust(place->defaults))
        return fail("root does not act on it, because " + *why);
    base::input_file file(path);
    std::optional<std::string> text;
    if (file.error().empty())
        text = file.read(longest_defaults);
    if (!text)
        return fail(file.error());
    return base::source(path, std::move(*text));
}

std::vector<std::string> loader::names() const {
    std::set<std::string> found;
    for (const place& where : where_.all())
        found.insert(where.name);
    for (const builtin& known : linked_)
        found.insert(known.of->name);
    return {found.begin(), found.end()};
}

} // namespace aio::module
