#include <aio/config/absence.hpp>
#include <aio/module/path.hpp>

#include <dlfcn.h>

#include <algorithm>
#include <map>
#include <system_error>

namespace aio::module {

namespace fs = std::filesystem;

namespace {

bool letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool valid_word(std::string_view word) noexcept {
    return !word.empty() && letter(word.front()) &&
           std::ranges::all_of(word, [](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// Looks for one file after the other, whatever kind of file each is.
place look_into(const fs::path& folder, std::string_view name) {
    using config::presence;
    const std::string word(last_word(name));
    place found;
    found.name = name;
    found.folder = folder;
    const auto look = [&](const std::string& file, fs::path& path) {
        const presence seen = config::presence_of(folder / file);
        if (seen != presence::absent)
            path = folder / file;
        return seen;
    };
    const presence library = look(word + ".so", found.library);
    const presence defaults = look("aio.conf", found.defaults);
    look(word + ".test.so", found.tests);
    found.hidden = (library == presence::absent ? defaults : library) == presence::hidden;
    return found;
}

void collect(
    const fs::path& folder, const std::string& prefix, std::map<std::string, place>& modules
) {
    std::error_code failed;
    for (fs::directory_iterator i(folder, failed), end; !failed && i != end; i.increment(failed)) {
        const std::string word = i->path().filename().string();
        std::error_code none;
        // Links to folders are passed over: one that leads back up would never end.
        if (!valid_word(word) || i->is_symlink(none) || !i->is_directory(none))
            continue;
        const std::string name = prefix.empty() ? word : prefix + '.' + word;
        if (place found = look_into(i->path(), name); !found.hidden && !found.library.empty())
            modules.try_emplace(name, std::move(found));
        collect(i->path(), name, modules);
    }
}

} // namespace

bool valid_name(std::string_view name) noexcept {
    for (;;) {
        const auto dot = name.find('.');
        if (!valid_word(name.substr(0, dot)))
            return false;
        if (dot == std::string_view::npos)
            return true;
        name.remove_prefix(dot + 1);
    }
}

std::string_view last_word(std::string_view name) noexcept {
    return name.substr(name.rfind('.') + 1);
}

std::optional<place> path::find(std::string_view name) const {
    if (!valid_name(name))
        return std::nullopt;
    std::string below(name);
    std::ranges::replace(below, '.', '/');
    std::optional<place> hidden;
    for (const fs::path& folder : folders_) {
        place found = look_into(folder / below, name);
        if (found.library.empty() && found.defaults.empty())
            continue;
        if (!found.hidden) {
            found.passed_over = hidden ? hidden->folder : fs::path{};
            return found;
        }
        if (!hidden)
            hidden = std::move(found);
    }
    return hidden;
}

std::vector<place> path::all() const {
    std::map<std::string, place> found;
    for (const fs::path& folder : folders_)
        collect(folder, "", found);
    std::vector<place> sorted;
    for (auto& [name, value_type] : found)
        sorted.push_back(std::move(value_type));
    return sorted;
}

fs::path installed_modules() {
    Dl_info self{};
    if (dladdr(reinterpret_cast<const void*>(&installed_modules), &self) == 0 || !self.dli_fname)
        return {};
    std::error_code failed;
    fs::path library = fs::weakly_canonical(self.dli_fname, failed);
    if (failed) // a filter of system calls may refuse what the C library needs for that
        library = fs::absolute(self.dli_fname, failed);
    return failed ? fs::path{} : library.parent_path() / "aio" / "modules";
}

} // namespace aio::module
