#include <aio/base/exception.hpp>
#include <aio/base/text.hpp>
#include <aio/module/resolve.hpp>

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

namespace aio::module {

namespace {

std::string quoted(std::string_view text) {
    return "'" + std::string(text) + "'";
}

std::string with_article(std::string_view kind) {
    constexpr std::string_view vowels = "aeiou";
    const bool vowel = !kind.empty() && vowels.find(kind.front()) != std::string_view::npos;
    return (vowel ? "an " : "a ") + std::string(kind);
}

/// "a schedule", "a protocol or a factory".
std::string any_of(std::span<const std::string_view> kinds) {
    std::string text;
    for (std::string_view kind : kinds)
        text += (text.empty() ? "" : " or ") + with_article(kind);
    return text;
}

std::vector<std::string>
names_of(const registry& registry, std::span<const std::string_view> kinds) {
    std::vector<std::string> names;
    for (std::string_view kind : kinds)
        std::ranges::copy(registry.names(kind), std::back_inserter(names));
    return names;
}

std::vector<std::string> below(std::vector<std::string> names, std::string_view module) {
    const std::string beginning = std::string(module) + '.';
    std::erase_if(names, [&](const std::string& text) { return !text.starts_with(beginning); });
    return names;
}

/// The names whose last word is `word`: for a name that was written without its module.
std::vector<std::string> ending_in(std::vector<std::string> names, std::string_view word) {
    std::erase_if(names, [&](const std::string& text) { return last_word(text) != word; });
    return names;
}

std::string list_hint(const std::vector<std::string>& names) {
    if (names.empty())
        return {};
    constexpr std::size_t most = 6;
    const auto shown = std::span(names).first(std::min(names.size(), most));
    return "there is " + base::join(shown, ", ") + (names.size() > most ? ", …" : "");
}

/// The names of `module` that are near to `name`. Only what follows the module is compared: the
/// common beginning would make all of them near.
std::string
near_hint(std::string_view name, std::string_view module, const std::vector<std::string>& offered) {
    std::vector<std::string> rests;
    for (const std::string& text : offered)
        rests.push_back(text.substr(module.size() + 1));
    std::string text;
    for (const std::string& rest : base::nearest(name.substr(module.size() + 1), rests))
        text += (text.empty() ? "did you mean '" : "' or '") + std::string(module) + '.' + rest;
    return text.empty() ? text : text + "'?";
}

std::string first_of(std::string a, std::string b) {
    return a.empty() ? b : a;
}

} // namespace

resolver::resolver(const loader& modules, registry& items, setup_call setup)
    : loader_(&modules), registry_(&items), setup_(std::move(setup)) {}

bool resolver::load(
    std::string_view module, const base::location& place, base::diagnostics& problems
) {
    const base::diagnostics& wrong = try_to_load(module);
    tell(module, wrong, place, problems);
    return !wrong.failed();
}

const base::diagnostics& resolver::try_to_load(std::string_view module) {
    auto tried = tried_.find(module);
    if (tried == tried_.end()) {
        tried = tried_.emplace(std::string(module), base::diagnostics{}).first;
        base::diagnostics& wrong = tried->second;
        if (const entry* found = loader_->load(module, {}, wrong)) {
            try {
                setup_(*found, *registry_);
            } catch (...) {
                wrong.error(
                    {},
                    "module " + quoted(module) +
                        " failed to set up: " + base::message_of(std::current_exception())
                );
            }
        }
    }
    return tried->second;
}

/// Reports what is wrong with the module, at the first place that needs it.
void resolver::tell(
    std::string_view module,
    const base::diagnostics& wrong,
    const base::location& place,
    base::diagnostics& problems
) {
    if (wrong.empty() || !told_.emplace(module).second)
        return;
    for (base::diagnostic problem : wrong) {
        problem.where = place;
        problems.add(std::move(problem));
    }
}

const item* resolver::look(std::string_view name, std::string_view kind) {
    const auto told = told_;
    base::diagnostics unsaid;
    const item* found = find(name, kind, {}, unsaid);
    told_ = told;
    return found;
}

const item* resolver::find(
    std::string_view name,
    std::span<const std::string_view> kinds,
    const base::location& place,
    base::diagnostics& problems
) {
    std::string_view nearest_module, hidden_module;
    std::string_view module = name;
    for (auto dot = name.rfind('.'); valid_name(name) && dot != std::string_view::npos;
         dot = module.rfind('.')) {
        module = name.substr(0, dot);
        const config::presence seen = loader_->presence_of(module);
        if (seen == config::presence::hidden && hidden_module.empty())
            hidden_module = module;
        if (seen != config::presence::there)
            continue;
        if (!load(module, place, problems))
            return nullptr;
        if (nearest_module.empty())
            nearest_module = module;
        if (const item* found = registry_->find(name))
            return checked(*found, module, kinds, place, problems);
    }
    if (hidden_module.size() > nearest_module.size() && !offers_near(nearest_module, name, kinds)) {
        if (!load(hidden_module, place, problems))
            return nullptr;
        if (const item* found = registry_->find(name)) // the folder can be searched by now
            return checked(*found, hidden_module, kinds, place, problems);
        nearest_module = hidden_module;
    }
    unknown(name, nearest_module, kinds, place, problems);
    return nullptr;
}

/// The item, if it is of one of the kinds. nullptr: it is not, which was reported.
const item* resolver::checked(
    const item& found,
    std::string_view module,
    std::span<const std::string_view> kinds,
    const base::location& place,
    base::diagnostics& problems
) {
    if (std::ranges::find(kinds, found.kind) != kinds.end())
        return &found;
    const std::string_view name = found.name;
    problems.error(
        place,
        quoted(name) + " is " + with_article(found.kind) + ", not " + any_of(kinds),
        near_hint(name, module, below(names_of(*registry_, kinds), module))
    );
    return nullptr;
}

/// Whether the module, which is loaded if it has a name, registers a similar name.
bool resolver::offers_near(
    std::string_view module, std::string_view name, std::span<const std::string_view> kinds
) const {
    return !module.empty() &&
           !near_hint(name, module, below(names_of(*registry_, kinds), module)).empty();
}

void resolver::unknown(
    std::string_view name,
    std::string_view module,
    std::span<const std::string_view> kinds,
    const base::location& place,
    base::diagnostics& problems
) {
    const auto all = names_of(*registry_, kinds);
    if (!module.empty()) {
        const auto offered = below(all, module);
        problems.error(
            place,
            "module " + quoted(module) + " has no " + quoted(name.substr(module.size() + 1)),
            first_of(
                first_of(near_hint(name, module, offered), list_hint(offered)),
                std::string(registry_->description_of(module))
            )
        );
        return;
    }
    if (!valid_name(name) || name.find('.') == std::string_view::npos) {
        const auto same = ending_in(all, name);
        problems.error(
            place,
            quoted(name) + " is not the dotted name of " + any_of(kinds),
            same.empty() ? "write it with its module: my.module.name" : list_hint(same)
        );
        return;
    }
    const auto wanted = name.substr(0, name.rfind('.'));
    const auto [why, fresh] = unknown_.try_emplace(std::string(wanted));
    if (fresh)
        loader_->load(wanted, {}, why->second);
    base::diagnostics named;
    for (const base::diagnostic& problem : why->second)
        named.error({}, problem.text + " in " + quoted(name), problem.hint);
    tell(wanted, named, place, problems);
}

} // namespace aio::module
