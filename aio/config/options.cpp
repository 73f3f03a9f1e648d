#include <aio/config/fold.hpp>
#include <aio/config/options.hpp>
#include <aio/config/options_state.hpp>

#include <fmt/format.h>

namespace aio::config {

namespace {

const held* look_up(const options::state* state, std::string_view name) {
    if (!state)
        return nullptr;
    std::string room;
    return state->declared.find(fold(name, room));
}

std::string section_of(const options::state* state) {
    return state ? state->section : std::string{};
}

const held&
declared_or_throw(const options::state* state, std::string_view name, std::size_t index) {
    const held* found = look_up(state, name);
    if (!found)
        throw option_error(
            fmt::format("option '{}' of [{}] was not declared", name, section_of(state))
        );
    const std::size_t is = found->value.index();
    if (is != 0 && is != index)
        throw option_error(fmt::format(
            "option '{}' of [{}] is {}, not {}",
            name,
            section_of(state),
            describe(static_cast<type>(is)),
            describe(static_cast<type>(index))
        ));
    return *found;
}

} // namespace

const typed& options::at(std::string_view name, std::size_t index) const {
    const held& found = declared_or_throw(state_.get(), name, index);
    if (std::holds_alternative<std::monostate>(found.value))
        throw option_error(
            fmt::format("option '{}' of [{}] has no value", name, section_of(state_.get()))
        );
    return found.value;
}

const typed* options::look(std::string_view name, std::size_t index) const {
    const held& found = declared_or_throw(state_.get(), name, index);
    if (!found.word.empty() || std::holds_alternative<std::monostate>(found.value))
        return nullptr;
    return &found.value;
}

bool options::given(std::string_view name) const {
    const held* found = look_up(state_.get(), name);
    return found && found->is_given;
}

std::string_view options::word(std::string_view name) const {
    const held* found = look_up(state_.get(), name);
    return found ? std::string_view{found->word} : std::string_view{};
}

std::string options::normal_text(std::string_view name) const {
    const held* found = look_up(state_.get(), name);
    if (!found)
        return {};
    return found->word.empty() ? to_text(found->value) : found->word;
}

base::location options::where(std::string_view name) const {
    const held* found = look_up(state_.get(), name);
    if (found && found->where.from)
        return found->where;
    return state_ ? state_->header : base::location{};
}

std::optional<std::string> options::text(std::string_view name) const {
    if (!state_)
        return std::nullopt;
    const auto found = state_->texts.find(fold(name));
    return found == state_->texts.end() ? std::nullopt : std::optional{found->second};
}

std::vector<base::location> options::entries_where(std::string_view name) const {
    const held* found = look_up(state_.get(), name);
    return found ? found->entries : std::vector<base::location>{};
}

const std::string& options::section_name() const {
    static const std::string none;
    return state_ ? state_->section : none;
}

} // namespace aio::config
