#pragma once

// How a module offers listeners:
//
//     aio::task<void> on_ticked(aio::signal_event event) { … }
//     module.listener("on_ticked", on_ticked);

#include <aio/async/present.hpp>
#include <aio/async/user_function.hpp>
#include <aio/listen/event.hpp>
#include <aio/module/registry.hpp>
#include <aio/service/context.hpp>
#include <aio/signal/listener.hpp>

#include <any>
#include <concepts>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace aio::listen {

inline constexpr std::string_view kind_name = "listener";

/// The object of a module::item of kind "listener": the function, bound to a section.
using maker = std::function<signal::listener(std::shared_ptr<const service::context_data>)>;

template <typename F>
concept listens = std::invocable<F&, signal_event> || std::invocable<F&>;

template <listens F>
struct bound {
    F call;
    std::shared_ptr<const service::context_data> where;

    decltype(auto) operator()(const signal::event& received) {
        if constexpr (std::invocable<F&, signal_event>)
            return async::invoke_user_function(call, signal_event(received, where));
        else
            return std::invoke(call);
    }
};

/// A coroutine or a plain function of a signal_event, or of nothing.
template <listens F>
maker maker_of(F function) {
    return [function = std::move(function)](std::shared_ptr<const service::context_data> where) {
        const void* identity = signal::listener::identity_of(function);
        return signal::listener(bound<F>{function, std::move(where)}, identity);
    };
}

/// Part of the module builder (aio/module.hpp).
class declares {
  public:
    template <listens F>
    module::registration listener(std::string_view name, F function) {
        return registrar().add(
            kind_name, name, std::any{maker_of(async::present(std::move(function)))}
        );
    }

    template <typename F>
    module::registration listener(std::string_view name, F) {
        static_assert(listens<F>, "a listener takes an aio::signal_event by value, or nothing");
        return registrar().add(kind_name, name, {});
    }

  protected:
    ~declares() = default;
    virtual module::registrar& registrar() noexcept = 0;
};

} // namespace aio::listen
