#pragma once

// How a module offers functions for schedules:
//
//     aio::task<void> tick(aio::scheduled_event event);
//     module.schedule("tick", tick).option("grace", 5s, "how long to wait");
//     module.callback("done", done);    // for cb and err: a function of a scheduled_result
//
// Coroutines and plain functions, with or without the parameter, returning something or not.

#include <aio/async/present.hpp>
#include <aio/async/task.hpp>
#include <aio/async/user_function.hpp>
#include <aio/module/registry.hpp>
#include <aio/schedule/event.hpp>
#include <aio/schedule/result.hpp>

#include <any>
#include <concepts>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace aio::schedule {

inline constexpr std::string_view function_kind = "schedule";
inline constexpr std::string_view callback_kind = "callback";

/// A function of an Argument, with its type erased; one of the two is set. The result is stored in
/// the std::any, which outlives the coroutine.
template <typename Argument>
struct callable {
    std::function<void(Argument, std::any&)> plain;
    std::function<task<void>(Argument, std::any&)> coroutine;

    callable() = default;

    explicit operator bool() const noexcept { return plain || coroutine; }
};

/// The object of a module::item of kind "schedule", and of kind "callback".
using function = callable<event>;
using callback = callable<result>;

namespace erasure {

/// Calls a function with the argument, or without it if the function takes none.
template <typename Argument, async::takes<Argument> F>
decltype(auto) call(F& f, Argument argument) {
    if constexpr (std::invocable<F&, Argument>)
        return async::invoke_user_function(f, std::move(argument));
    else
        return std::invoke(f);
}

template <typename T>
task<void> keep(task<T> work, std::any& into) {
    into = co_await std::move(work);
}

} // namespace erasure

/// `f` takes an Argument or nothing; it returns void, something copyable, or a task of either.
template <typename Argument, async::takes<Argument> F>
callable<Argument> callable_of(F f) {
    using kind = async::awaited_of<F, Argument>;
    using T = typename kind::type;
    static_assert(
        std::is_void_v<T> || std::copy_constructible<std::decay_t<T>>,
        "what a scheduled function returns has to be copyable"
    );
    callable<Argument> made;
    if constexpr (kind::coroutine && std::is_void_v<T>)
        made.coroutine = [f = std::move(f)](Argument argument, std::any&) mutable {
            return erasure::call<Argument>(f, std::move(argument));
        };
    else if constexpr (kind::coroutine)
        made.coroutine = [f = std::move(f)](Argument argument, std::any& into) mutable {
            return erasure::keep<T>(erasure::call<Argument>(f, std::move(argument)), into);
        };
    else if constexpr (std::is_void_v<T>)
        made.plain = [f = std::move(f)](Argument argument, std::any&) mutable {
            erasure::call<Argument>(f, std::move(argument));
        };
    else
        made.plain = [f = std::move(f)](Argument argument, std::any& into) mutable {
            into = erasure::call<Argument>(f, std::move(argument));
        };
    return made;
}

/// Part of the module builder (aio/module.hpp).
class declares {
  public:
    template <async::takes<event> F>
    module::registration schedule(std::string_view name, F call) {
        return registrar().add(
            function_kind, name, std::any{callable_of<event, F>(async::present(std::move(call)))}
        );
    }

    template <typename F>
    module::registration schedule(std::string_view name, F) {
        static_assert(
            async::takes<F, event>,
            "a function for [schedule/*] takes an aio::scheduled_event by value, or nothing"
        );
        return registrar().add(function_kind, name, {});
    }

    template <async::takes<result> F>
    module::registration callback(std::string_view name, F call) {
        return registrar().add(
            callback_kind, name, std::any{callable_of<result, F>(async::present(std::move(call)))}
        );
    }

    template <typename F>
    module::registration callback(std::string_view name, F) {
        static_assert(
            async::takes<F, result>,
            "a function for cb and err takes an aio::scheduled_result by value, or nothing"
        );
        return registrar().add(callback_kind, name, {});
    }

  protected:
    ~declares() = default;
    virtual module::registrar& registrar() noexcept = 0;
};

} // namespace aio::schedule
