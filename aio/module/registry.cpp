#include <aio/base/mistake.hpp>
#include <aio/module/registry.hpp>

#include <stdexcept>
#include <utility>

namespace aio::module {

void registration::check_range(std::string_view name, bool fits) const {
    if (!fits)
        throw base::mistake(
            "the default of option '" + std::string(name) + "' of '" + item_->name +
            "' is no 64-bit signed number"
        );
}

std::optional<config::option> registration::take(std::string_view name) {
    const config::option* found = item_->options.find(name);
    if (!found)
        return std::nullopt;
    config::option taken = *found;
    config::schema others;
    for (const config::option& option : item_->options.all())
        if (option.name != taken.name)
            others.declare(option);
    item_->options = std::move(others);
    return taken;
}

registration& registration::keep_range(const std::optional<config::option>& replaced) {
    if (!replaced || replaced->value_type != item_->options.all().back().value_type)
        return *this;
    if (replaced->least)
        item_->options.least(*replaced->least);
    if (replaced->most)
        item_->options.most(*replaced->most);
    return *this;
}

item& registry::add(item registered) {
    auto owned = std::make_unique<item>(std::move(registered));
    const auto [place, added] = items_.try_emplace(owned->name);
    if (!added) {
        const item& first = *place->second;
        throw std::logic_error(
            "module " + owned->module + " registers '" + owned->name + "' as a " + owned->kind +
            ", but module " + first.module + " registered a " + first.kind + " of that name"
        );
    }
    place->second = std::move(owned);
    return *place->second;
}

const item* registry::find(std::string_view dotted) const noexcept {
    const auto found = items_.find(dotted);
    return found == items_.end() ? nullptr : found->second.get();
}

std::vector<std::string> registry::names(std::string_view kind) const {
    std::vector<std::string> found;
    for (const auto& [name, value_type] : items_)
        if (kind.empty() || value_type->kind == kind)
            found.push_back(name);
    return found;
}

std::vector<const item*> registry::of_module(std::string_view module) const {
    std::vector<const item*> found;
    for (const auto& [name, value_type] : items_)
        if (value_type->module == module)
            found.push_back(value_type.get());
    return found;
}

void registry::describe(std::string_view module, std::string_view text) {
    descriptions_.insert_or_assign(std::string(module), std::string(text));
}

std::string_view registry::description_of(std::string_view module) const noexcept {
    const auto found = descriptions_.find(module);
    return found == descriptions_.end() ? std::string_view{} : std::string_view{found->second};
}

registration registrar::add(std::string_view kind, std::string_view name, std::any object) {
    item offered;
    offered.kind = kind;
    offered.name = module_ + '.' + std::string(name);
    offered.module = module_;
    offered.object = std::move(object);
    return registration(target_->add(std::move(offered)));
}

} // namespace aio::module
