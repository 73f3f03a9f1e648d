#pragma once

// How a module offers commands of its own:
//
//     int hello(aio::command_event event) { … return 0; }
//     module.command("hello", hello).help("greets").option("times", 1, "how often");
//
// and `[aio/commands] hello = my.example.hello` makes it `aio hello`.

#include <aio/async/present.hpp>
#include <aio/async/task.hpp>
#include <aio/async/user_function.hpp>
#include <aio/base/api.hpp>
#include <aio/command/event.hpp>
#include <aio/module/registry.hpp>

#include <any>
#include <concepts>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace aio::command {

inline constexpr std::string_view kind = "command";

/// The object of a module::item of kind "command".
struct AIO_API function {
    std::function<task<int>(event)> call; ///< gives the exit status
    bool coroutine = false;               ///< a coroutine can be cancelled, a plain function cannot

    task<int> operator()(event event) const { return call(std::move(event)); }
};

template <typename R>
concept exit_result = std::same_as<R, int> || std::same_as<R, void> || std::same_as<R, task<int>> ||
                      std::same_as<R, task<void>>;

/// A function of an event, coroutine or not, whose result, if any, is the exit status.
template <typename F>
concept runs_command = std::invocable<F&, event> && exit_result<std::invoke_result_t<F&, event>>;

template <runs_command F>
task<int> run(F call, event received) {
    using result = std::invoke_result_t<F&, event>;
    if constexpr (std::is_same_v<result, task<int>>)
        co_return co_await call(std::move(received));
    else if constexpr (std::is_same_v<result, task<void>>)
        co_await call(std::move(received));
    else if constexpr (std::is_same_v<result, int>)
        co_return call(std::move(received));
    else
        call(std::move(received));
    co_return 0;
}

template <runs_command F>
function function_of(F call) {
    using result = std::invoke_result_t<F&, event>;
    function made;
    made.call = [call = std::move(call)](event event) { return run(call, std::move(event)); };
    made.coroutine = async::awaited<result>::coroutine;
    return made;
}

/// Part of the module builder (aio/module.hpp).
class declares {
  public:
    template <runs_command F>
    module::registration command(std::string_view name, F call) {
        return registrar().add(kind, name, std::any{function_of(async::present(std::move(call)))});
    }

    template <typename F>
    module::registration command(std::string_view name, F) {
        static_assert(
            runs_command<F>,
            "a command takes an aio::command_event by value and returns its exit status as int, "
            "nothing, or a task of either"
        );
        return registrar().add(kind, name, {});
    }

  protected:
    ~declares() = default;
    virtual module::registrar& registrar() noexcept = 0;
};

} // namespace aio::command
