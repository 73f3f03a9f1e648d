#pragma once

// Removal from a container whose elements own objects of users.

#include <algorithm>
#include <functional>
#include <iterator>
#include <vector>

namespace aio::base {

/// Removes the elements that match from `all` and returns them; the others keep their order.
/// Destructors of users' objects may change `all` in turn: they run when the result is destroyed,
/// not while `all` is being changed.
template <typename T, typename Predicate>
std::vector<T> take_out_if(std::vector<T>& all, Predicate matches) {
    const auto first = std::stable_partition(all.begin(), all.end(), std::not_fn(matches));
    std::vector<T> taken(std::make_move_iterator(first), std::make_move_iterator(all.end()));
    all.erase(first, all.end());
    return taken;
}

} // namespace aio::base
