#pragma once

// Removal from a container whose elements own objects of users.

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::base {

/// Removes the first element that matches from `all` and returns it; the others keep their order.
/// Destructors of users' objects may change `all` in turn: they run when the result is destroyed,
/// not while `all` is being changed. Needs no memory, so functions that must not throw may call it.
template <typename T, typename Predicate>
std::optional<T> take_out_first(std::vector<T>& all, Predicate matches) noexcept {
    static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>);
    const auto found = std::find_if(all.begin(), all.end(), matches);
    if (found == all.end())
        return std::nullopt;
    std::optional<T> taken(std::move(*found));
    all.erase(found);
    return taken;
}

} // namespace aio::base
