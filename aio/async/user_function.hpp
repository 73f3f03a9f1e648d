#pragma once

// What a function of the user's takes and gives: with its argument or without, a coroutine or not.

#include <aio/async/task.hpp>

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace aio::async {

/// What `co_await`ing or calling gives in the end.
template <typename R>
struct awaited {
    using type = R;
    static constexpr bool coroutine = false;
};

template <typename T>
struct awaited<task<T>> {
    using type = T;
    static constexpr bool coroutine = true;
};

/// Takes an Argument or nothing.
template <typename F, typename Argument>
concept takes = std::invocable<F&, Argument> || std::invocable<F&>;

/// Calls `f` with what it takes of `with`.
template <typename Argument, takes<Argument> F>
decltype(auto) invoke_with(F& f, Argument&& with) {
    if constexpr (std::invocable<F&, Argument>)
        return std::invoke(f, std::forward<Argument>(with));
    else
        return std::invoke(f);
}

template <typename F, typename Argument>
using awaited_of =
    awaited<decltype(invoke_with<Argument>(std::declval<F&>(), std::declval<Argument>()))>;

} // namespace aio::async
