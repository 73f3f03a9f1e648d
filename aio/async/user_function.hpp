#pragma once

// The kinds of functions that users give: with or without an argument, a coroutine or not.

#include <aio/async/task.hpp>

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace aio::async {

/// The result of a call or, for a coroutine, of awaiting it.
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

/// Whether a function is known to take all its parameters by value. False for a generic lambda and
/// an overloaded call operator, where it is not known.
template <typename F>
inline constexpr bool takes_values = [] {
    if constexpr (requires { &F::operator(); })
        return takes_values<decltype(&F::operator())>;
    else
        return false;
}();

template <typename R, typename... P>
inline constexpr bool takes_values<R (*)(P...)> = (!std::is_reference_v<P> && ...);
template <typename R, typename... P>
inline constexpr bool takes_values<R (*)(P...) noexcept> = (!std::is_reference_v<P> && ...);
template <typename C, typename R, typename... P>
inline constexpr bool takes_values<R (C::*)(P...)> = (!std::is_reference_v<P> && ...);
template <typename C, typename R, typename... P>
inline constexpr bool takes_values<R (C::*)(P...) const> = (!std::is_reference_v<P> && ...);

/// Awaits a coroutine function and keeps its arguments until the coroutine has ended.
template <typename F, typename... Arguments>
auto keep_arguments(F& function, Arguments... arguments) -> std::invoke_result_t<F&, Arguments...> {
    co_return co_await std::invoke(function, std::move(arguments)...);
}

/// Calls `function`. A coroutine may take its parameters by reference: the arguments are then kept
/// until it has ended. `function` has to live as long.
template <typename F, typename... Arguments>
    requires std::invocable<F&, Arguments...>
auto invoke_user_function(F& function, Arguments... arguments)
    -> std::invoke_result_t<F&, Arguments...> {
    using result = std::invoke_result_t<F&, Arguments...>;
    if constexpr (awaited<result>::coroutine && sizeof...(Arguments) > 0 && !takes_values<F>)
        return keep_arguments(function, std::move(arguments)...);
    else
        return std::invoke(function, std::move(arguments)...);
}

/// True for a function that takes an Argument or nothing.
template <typename F, typename Argument>
concept takes = std::invocable<F&, Argument> || std::invocable<F&>;

/// Calls `f` with `argument`, or without it if `f` takes nothing.
template <typename Argument, takes<Argument> F>
decltype(auto) invoke_with(F& f, Argument&& argument) {
    if constexpr (std::invocable<F&, Argument>)
        return std::invoke(f, std::forward<Argument>(argument));
    else
        return std::invoke(f);
}

/// Calls `function` and awaits what it returns, if that is a task. What it returns in the end is
/// dropped. The function and its arguments live until the task has ended.
/// Completes: when the function, or the task that it returns, has completed.
/// Loop: the caller's.
/// Cancelled: the task is cancelled.
/// Throws: what the function throws.
template <typename F, typename... Arguments>
    requires std::invocable<F&, Arguments...>
task<void> run_user_function(F function, Arguments... arguments) {
    if constexpr (awaited<std::invoke_result_t<F&, Arguments...>>::coroutine)
        (void)co_await std::invoke(function, std::move(arguments)...);
    else
        (void)std::invoke(function, std::move(arguments)...);
    co_return;
}

/// A coroutine or a plain function that is called without arguments.
template <typename F>
concept user_function = std::invocable<F&>;

/// The same function as one that always gives a task.
template <user_function F>
std::function<task<void>()> task_function(F function) {
    if constexpr (std::same_as<std::invoke_result_t<F&>, task<void>>)
        return std::function<task<void>()>(std::move(function));
    else
        return [function = std::move(function)]() mutable {
            return run_user_function(std::ref(function));
        };
}

template <typename F, typename Argument>
using awaited_of =
    awaited<decltype(invoke_with<Argument>(std::declval<F&>(), std::declval<Argument>()))>;

} // namespace aio::async
