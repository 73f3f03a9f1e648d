#include <aio/base/demangle.hpp>
#include <aio/base/text.hpp>
#include <aio/base/trust.hpp>
#include <aio/module/abi.hpp>
#include <aio/module/loader.hpp>

#include <dlfcn.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

namespace aio::module {

namespace {

std::string searched(const path& where) {
    std::string text;
    for (const auto& folder : where.folders()) {
        std::error_code unreadable;
        text += (text.empty() ? "" : ", ") + folder.string();
        if (!std::filesystem::is_directory(folder, unreadable))
            text += " (no such folder)";
    }
    return text.empty() ? "the module path is empty" : "searched in " + text;
}

/// "undefined symbol: _Z3foov" with the symbol as it is written in C++.
std::string readable(std::string text) {
    constexpr std::string_view mark = "undefined symbol: ";
    const auto at = text.find(mark);
    if (at == std::string::npos)
        return text;
    return std::string(mark) + base::demangle(text.c_str() + at + mark.size());
}

/// dlerror() repeats the file's name.
std::string without_file(std::string text, const std::string& file) {
    const std::string beginning = file + ": ";
    return text.starts_with(beginning) ? text.substr(beginning.size()) : text;
}

std::optional<refusal> check_entry(const entry* found, std::string_view name) {
    if (!found)
        return refusal{"defines no module", "write AIO_MODULE(" + std::string(name) + ") in it"};
    if (found->size != sizeof(entry) || found->name != name || !found->setup)
        return refusal{"has a damaged entry", "build it again with this aio and its compiler"};
    return std::nullopt;
}

const entry* open(const place& from, std::optional<refusal>& why) {
    const std::string file = from.library.string();
    if (auto reason = base::distrust(from.library)) {
        why = refusal{
            "is not loaded as root: " + *reason, "give it to root and let nobody else write it"
        };
        return nullptr;
    }
    if ((why = check_library(from.library, from.name)))
        return nullptr;
    void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) {
        why = refusal{
            "cannot be loaded: " + readable(without_file(::dlerror(), file)),
            "define what is missing, or link what defines it: aio_add_module(… SOURCES … LINKS …)"
        };
        return nullptr;
    }
    const auto* found =
        static_cast<const entry*>(::dlsym(handle, ("aio_module." + from.name).c_str()));
    why = check_entry(found, from.name);
    return why ? nullptr : found;
}

} // namespace

loader::loader(path where, std::span<const builtin> linked)
    : where_(std::move(where)), linked_(linked) {}

const builtin* loader::linked(std::string_view name) const noexcept {
    const auto found =
        std::ranges::find_if(linked_, [&](const builtin& one) { return one.of->name == name; });
    return found == linked_.end() ? nullptr : &*found;
}

bool loader::knows(std::string_view name) const {
    return linked(name) || where_.find(name);
}

const entry*
loader::load(std::string_view name, const base::location& wanted, base::diagnostics& to) const {
    if (const builtin* one = linked(name))
        return one->of;
    const auto place = where_.find(name);
    if (!place) {
        std::string hint = base::did_you_mean(name, names());
        to.error(
            wanted,
            "unknown module '" + std::string(name) + "'",
            hint.empty() ? searched(where_) : std::move(hint)
        );
        return nullptr;
    }
    if (place->library.empty()) {
        to.error(
            wanted,
            "module '" + std::string(name) + "' has no library",
            "no " + std::string(last_word(name)) + ".so in " + place->folder.string()
        );
        return nullptr;
    }
    std::optional<refusal> why;
    const entry* found = open(*place, why);
    if (why)
        to.error(
            wanted,
            "module '" + std::string(name) + "': " + place->library.string() + ' ' + why->text,
            why->hint
        );
    return found;
}

std::optional<base::source> loader::defaults(std::string_view name) const {
    if (const builtin* one = linked(name)) {
        if (one->defaults.empty())
            return std::nullopt;
        return base::source(std::string(name) + "/aio.conf", std::string(one->defaults));
    }
    const auto place = where_.find(name);
    if (!place || place->defaults.empty())
        return std::nullopt;
    std::ifstream file(place->defaults, std::ios::binary);
    if (!file)
        return std::nullopt;
    return base::source(
        place->defaults.string(), std::string(std::istreambuf_iterator<char>(file), {})
    );
}

std::vector<std::string> loader::names() const {
    std::set<std::string> found;
    for (const place& one : where_.all())
        found.insert(one.name);
    for (const builtin& one : linked_)
        found.insert(one.of->name);
    return {found.begin(), found.end()};
}

} // namespace aio::module
