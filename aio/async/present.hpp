#pragma once

// Checks that a function given by a user is not a null pointer or an empty std::function.

#include <aio/base/mistake.hpp>

#include <concepts>
#include <utility>

namespace aio::async {

/// The function itself.
/// Throws: base::mistake when it is a null pointer or an empty std::function.
template <typename F>
F present(F function) {
    if constexpr (requires {
                      { function == nullptr } -> std::convertible_to<bool>;
                  })
        if (function == nullptr)
            throw base::mistake("the function is a null pointer or an empty std::function");
    return function;
}

} // namespace aio::async
