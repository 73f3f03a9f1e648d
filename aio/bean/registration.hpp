#pragma once

// How a module offers beans:
//
//     // a function that takes an aio::bean_context
//     module.bean("hello", hello).option("hi", "world", "who is greeted");
//     // a class with a call operator
//     module.bean<flow>("flow");
//
// and `[bean/x] core = my.module.hello` runs one.

#include <aio/async/present.hpp>
#include <aio/async/task.hpp>
#include <aio/async/user_function.hpp>
#include <aio/bean/context.hpp>
#include <aio/module/registry.hpp>

#include <any>
#include <concepts>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace aio::bean {

inline constexpr std::string_view core_kind = "bean";

/// The object of a module::item of kind "bean".
using core = std::function<task<void>(context)>;

template <typename F>
concept runs_bean = std::invocable<F&, context> || std::invocable<F&>;

/// An object is made for each run, from nothing or from a context, and called with a context or
/// with nothing.
template <typename T>
concept is_bean =
    runs_bean<T> && (std::default_initializable<T> || std::constructible_from<T, const context&>);

template <runs_bean F>
task<void> run_core(F& call, context own_context) {
    if constexpr (std::invocable<F&, context>)
        return async::run_user_function(std::ref(call), std::move(own_context));
    else
        return async::run_user_function(std::ref(call));
}

template <runs_bean F>
task<void> run_function(F call, context context) {
    co_await run_core(call, std::move(context));
}

template <is_bean T>
task<void> run_class(context own_context) {
    std::unique_ptr<T> made;
    if constexpr (std::constructible_from<T, const context&>)
        made = std::make_unique<T>(own_context);
    else
        made = std::make_unique<T>();
    co_await run_core(*made, own_context);
}

/// Part of the module builder (aio/module.hpp).
class declares {
  public:
    template <runs_bean F>
    module::registration bean(std::string_view name, F call) {
        core made = [call = async::present(std::move(call))](context context) {
            return run_function(call, std::move(context));
        };
        return registrar().add(core_kind, name, std::any{std::move(made)});
    }

    template <is_bean T>
    module::registration bean(std::string_view name) {
        core made = [](context context) { return run_class<T>(std::move(context)); };
        return registrar().add(core_kind, name, std::any{std::move(made)}).template options_of<T>();
    }

    template <typename F>
    module::registration bean(std::string_view name, F) {
        static_assert(
            runs_bean<F>, "a bean is a function of an aio::bean_context by value, or of nothing"
        );
        return registrar().add(core_kind, name, {});
    }

    template <typename T>
    module::registration bean(std::string_view name) {
        static_assert(
            is_bean<T>,
            "a bean class has a public call operator (its base classes bring one), no pure virtual "
            "functions left, and is made from nothing or from const aio::bean_context&"
        );
        return registrar().add(core_kind, name, {});
    }

  protected:
    ~declares() = default;
    virtual module::registrar& registrar() noexcept = 0;
};

} // namespace aio::bean
