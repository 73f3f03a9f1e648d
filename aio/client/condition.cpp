#include <aio/client/condition.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace aio::client {

namespace {

std::string text_of(const link_view& link) {
    std::string text(name(link.state));
    if (link.state == link_state::waiting)
        text = fmt::format("waits {:.1f} s", std::chrono::duration<double>(link.left).count());
    if (link.ends == 0 || link.state == link_state::up)
        return text;
    return fmt::format(
        "{}, {} failure{}, last: {}",
        text,
        link.ends,
        link.ends == 1 ? "" : "s",
        describe(link.last)
    );
}

} // namespace

std::string_view name(link_state state) noexcept {
    switch (state) {
    case link_state::stopped:
        return "stopped";
    case link_state::resolving:
        return "resolving";
    case link_state::connecting:
        return "connecting";
    case link_state::securing:
        return "securing";
    case link_state::up:
        return "up";
    case link_state::waiting:
        return "waiting";
    case link_state::crashed:
        return "crashed";
    }
    return "unknown";
}

std::string describe(std::span<const link_view> links) {
    if (links.empty())
        return {};
    if (links.size() == 1)
        return text_of(links.front());
    const auto up = std::ranges::count(links, link_state::up, &link_view::state);
    std::string text = fmt::format("{} of {} up", up, links.size());
    const auto rank = [](const link_view& link) {
        return link.state == link_state::up ? std::size_t{0} : link.ends + 1;
    };
    const auto worst = std::ranges::max_element(links, {}, rank);
    return worst->state == link_state::up ? text : text + "; " + text_of(*worst);
}

} // namespace aio::client
