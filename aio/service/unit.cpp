#include <aio/service/unit.hpp>

namespace aio::service {

unit::~unit() = default;

std::string_view name(state state) noexcept {
    switch (state) {
    case state::init:
        return "init";
    case state::starting:
        return "starting";
    case state::running:
        return "running";
    case state::stopping:
        return "stopping";
    case state::stopped:
        return "stopped";
    case state::crashed:
        return "crashed";
    case state::given_up:
        return "given_up";
    }
    return "unknown";
}

std::string_view name(restart value) noexcept {
    switch (value) {
    case restart::never:
        return "never";
    case restart::on_failure:
        return "on_failure";
    case restart::always:
        return "always";
    }
    return "unknown";
}

std::string said_of(std::string_view name, std::string text) {
    constexpr std::string_view goes_on = ":/ ";
    const bool named = text.starts_with(name) && text.size() > name.size() &&
                       goes_on.find(text[name.size()]) != std::string_view::npos;
    return named ? text : std::string(name) + ": " + text;
}

} // namespace aio::service
