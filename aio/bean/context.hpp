#pragma once

// What a bean receives: its name, section, options and logger, the app, and the other beans of the
// pod, which it reaches by signals.

#include <aio/async/loop.hpp>
#include <aio/async/task.hpp>
#include <aio/async/user_function.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/bean/signal.hpp>
#include <aio/service/context.hpp>

#include <any>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::server {
class kept_sockets;
class tally;
} // namespace aio::server

namespace aio::bean {

class bean;

/// What a bean that serves others has to hear of its own stop.
enum class stop_moment {
    end_of_intake, ///< it takes no new work from here on
    cancellation   ///< its time is over
};

/// A bean as the other beans see it.
struct neighbour {
    std::size_t id = 0;
    std::string name;  ///< "hello" of [bean/hello]
    std::string label; ///< empty when it has none
    bool running = false;

    neighbour() = default;
};

/// Lifted as aio::bean_context. Cheap to copy. Valid as long as the app runs. Used on the loop of
/// the bean.
class AIO_API context : public service::context {
  public:
    using handler = std::function<task<void>(signal)>;

    context(std::shared_ptr<const service::context_data> data, bean& owner)
        : service::context(std::move(data)), bean_(&owner) {}

    /// 1, 2, 3 … in the order of the configuration; beans of the command line come last.
    std::size_t id() const noexcept;
    const std::string& label() const noexcept;

    const config::tree& config() const noexcept { return app().config(); }

    async::loop& loop() const noexcept;
    /// The keyword arguments: the options of its section without those that every bean has.
    std::map<std::string, std::string> arguments() const;

    /// All beans, in the order of their ids.
    std::vector<neighbour> beans() const;
    /// The beans with this label. Throws std::out_of_range when there is none.
    std::vector<neighbour> beans(std::string_view label) const;
    /// The bean with this id. Throws std::out_of_range when there is none.
    neighbour find(std::size_t id) const;

    /// Waits for the end of a bean, or of all beans with a label.
    /// Completes: when they have ended.
    /// Loop: the bean's own.
    /// Cancelled: the other beans keep running. Then operation_aborted.
    /// Throws: std::out_of_range when there is no such bean.
    task<void> wait(std::size_t id) const;
    task<void> wait(std::string label) const;

    /// Calls `f` for each signal of this name until the bean ends. `f` is a function or a coroutine
    /// function that takes a bean::signal or nothing; what it captures has to outlive its calls.
    ///
    /// A bean with a handler for SIGINT or SIGTERM is not cancelled when the app is stopped by this
    /// signal: it has its stop_timeout to end. An error of such a handler ends the bean, and is the
    /// error of the bean.
    template <typename F>
    std::uint64_t add_signal_handler(std::string name, F f) const {
        return add_handler(std::move(name), handler_of(std::move(f)));
    }

    /// Returns false when there is no handler with this number.
    bool remove_signal_handler(std::uint64_t number) const;

    /// Calls the handlers of all beans, or of the beans with one of the labels, side by side, each
    /// on the loop of its bean. `data` is copyable.
    /// Completes: when all handlers have ended, with their number.
    /// Loop: the bean's.
    /// Cancelled: the handlers are cancelled and waited for. Then operation_aborted.
    /// Throws: no error of a handler: it is logged, and the other handlers are called.
    template <typename T>
    task<std::size_t> send_signal(std::string name, T data, base::list labels = {}) const {
        return send(signal(std::move(name), id(), std::any(std::move(data))), std::move(labels));
    }

    task<std::size_t> send_signal(std::string name) const {
        return send(signal(std::move(name), id(), {}), {});
    }

    /// Without data: `send_signal("ping", {"workers"})`. A base::list would be the data.
    task<std::size_t>
    send_signal(std::string name, std::initializer_list<std::string> labels) const {
        return send(signal(std::move(name), id(), {}), base::list(labels));
    }

  private:
    template <typename F>
    static handler handler_of(F f) {
        return [f = std::move(f)](signal received) mutable -> task<void> {
            if constexpr (std::is_invocable_v<F&, signal>)
                return async::run_user_function(std::ref(f), std::move(received));
            else
                return async::run_user_function(std::ref(f));
        };
    }

    friend class tcp_server;

    /// Calls `f` at this moment of the bean's stop, or now when it is past. remove_signal_handler()
    /// takes it back.
    std::uint64_t at(stop_moment moment, std::function<void()> f) const;

    /// The figures behind its statistics.
    server::tally& counted() const;

    /// The sockets of the bean over its restarts.
    server::kept_sockets& kept() const noexcept;

    std::uint64_t add_handler(std::string name, handler call) const;
    task<std::size_t> send(signal sent, base::list labels) const;

    bean* bean_;
};

} // namespace aio::bean
