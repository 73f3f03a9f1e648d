#pragma once

// A listening function without its type: plain or a coroutine, with or without a result.

#include <aio/async/task.hpp>
#include <aio/async/user_function.hpp>
#include <aio/base/api.hpp>
#include <aio/signal/event.hpp>

#include <any>
#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace aio::signal {

namespace listeners {

/// A listener as the bus sees it. Its function is a pointer and not virtual, so that an audience
/// can keep the pointers of many listeners side by side.
class AIO_API callee {
  public:
    /// `result` is null unless `returns`.
    using call_function = void(callee& self, const event& event, std::any* result);
    /// The same; `received` and `result` outlive the task.
    using start_function = task<void>(callee& self, const event& event, std::any* result);

    callee(call_function& plain, bool returns_) noexcept : call(&plain), returns(returns_) {}

    callee(start_function& coroutine, bool returns_) noexcept
        : start(&coroutine), returns(returns_) {}

    /// With one of the two functions, and without a result.
    callee(call_function* plain, start_function* coroutine) noexcept
        : call(plain), start(coroutine), returns(false) {}

    callee(const callee&) = delete;
    callee& operator=(const callee&) = delete;
    virtual ~callee();

    call_function* const call = nullptr;   ///< of a plain one
    start_function* const start = nullptr; ///< of a coroutine
    const bool returns;                    ///< it has a result
};

template <typename T>
task<void> keep(task<T> work, std::any* result) {
    *result = co_await std::move(work);
}

template <typename F>
class callee_of final : public callee {
    using kind_of = async::awaited_of<F, const event&>;
    using T = typename kind_of::type;

  public:
    explicit callee_of(F f) : callee(function(), !std::is_void_v<T>), f_(std::move(f)) {}

  private:
    static void call(callee& self, const event& received, [[maybe_unused]] std::any* result) {
        F& f = static_cast<callee_of&>(self).f_;
        if constexpr (std::is_void_v<T>)
            async::invoke_with<const event&>(f, received);
        else
            *result = async::invoke_with<const event&>(f, received);
    }

    static task<void>
    start(callee& self, const event& received, [[maybe_unused]] std::any* result) {
        F& f = static_cast<callee_of&>(self).f_;
        if constexpr (std::is_void_v<T>)
            return async::invoke_with<const event&>(f, received);
        else
            return keep<T>(async::invoke_with<const event&>(f, received), result);
    }

    static constexpr auto& function() noexcept {
        if constexpr (kind_of::coroutine)
            return start;
        else
            return call;
    }

    F f_;
};

} // namespace listeners

/// Anything that takes `const event&`, `event` or nothing and returns void, a copyable value, or
/// a task of either. A coroutine should take the event by value or by reference, both are safe.
class listener {
  public:
    template <typename F>
        requires(!std::same_as<std::remove_cvref_t<F>, listener> && async::takes<std::decay_t<F>, const event&>)
    listener(F&& f) : listener(std::forward<F>(f), identity_of(f)) {}

    /// `identity` tells functions apart: two listeners with the same one are the same to a
    /// signal. nullptr: like no other.
    template <typename F>
    listener(F&& f, const void* identity)
        : callee_(std::make_shared<listeners::callee_of<std::decay_t<F>>>(std::forward<F>(f))),
          identity_(identity) {}

    const void* identity() const noexcept { return identity_; }

    const std::shared_ptr<listeners::callee>& target() const noexcept { return callee_; }

    /// A function's address, the address of a capture-less lambda's code, nullptr for the rest.
    template <typename F>
    static const void* identity_of(const F& f) noexcept {
        if constexpr (std::is_function_v<F>)
            return reinterpret_cast<const void*>(&f);
        else if constexpr (std::is_pointer_v<F>)
            return reinterpret_cast<const void*>(f);
        else if constexpr (requires { +f; })
            return reinterpret_cast<const void*>(+f);
        else
            return nullptr;
    }

  private:
    std::shared_ptr<listeners::callee> callee_;
    const void* identity_;
};

} // namespace aio::signal
