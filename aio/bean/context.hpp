#pragma once

// What a bean receives: a context (name, section, options, logger, app) that knows the other beans
// of the pod and speaks with them by signals.

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
class tally;
}

namespace aio::bean {

class bean;

/// One bean as others see it.
struct neighbour {
    std::size_t id = 0;
    std::string name;  ///< "hello" of [bean/hello]
    std::string label; ///< empty: none
    bool running = false;

    neighbour() = default;
};

/// Lifted as aio::bean_context. Cheap to copy, valid as long as the app runs; used on the bean's
/// loop.
class AIO_API context : public service::context {
  public:
    using handler = std::function<task<void>(signal)>;

    context(std::shared_ptr<const service::context_data> data, bean& of)
        : service::context(std::move(data)), bean_(&of) {}

    /// 1, 2, 3 … in the order of the configuration; those of the command line come last.
    std::size_t id() const noexcept;
    const std::string& label() const noexcept;

    const config::tree& config() const noexcept { return app().config(); }

    async::loop& loop() const noexcept;
    /// All that its section says beside what every bean has: the keyword arguments.
    std::map<std::string, std::string> arguments() const;

    /// Every bean, in order of their ids.
    std::vector<neighbour> beans() const;
    /// Those of a label. Throws std::out_of_range when there is none.
    std::vector<neighbour> beans(std::string_view label) const;
    /// Throws std::out_of_range when there is none of this id.
    neighbour find(std::size_t id) const;

    /// Until the bean, or each one of a label, has ended. Throws like the above.
    task<void> wait(std::size_t id) const;
    task<void> wait(std::string label) const;

    /// Calls `f`, a function or coroutine function of a bean::signal or of nothing, whenever such a
    /// signal arrives, until the bean ends; what a coroutine holds on to has to outlive it. A bean
    /// that has one for SIGINT or SIGTERM is not cancelled when the app stops by it, but has its
    /// stop_timeout to end; an error of such a handler ends it, and is the bean's.
    template <typename F>
    std::uint64_t add_signal_handler(std::string name, F f) const {
        return add_handler(std::move(name), handler_of(std::move(f)));
    }

    /// False: there was none of this number.
    bool remove_signal_handler(std::uint64_t number) const;

    /// Calls the handlers of all beans, or of those with one of the labels, side by side, each on
    /// its own loop, and waits for them; how many there were. An error in one is logged and keeps
    /// no other from being called. `data` is copyable.
    template <typename T>
    task<std::size_t> send_signal(std::string name, T data, base::list labels = {}) const {
        return send(signal(std::move(name), id(), std::any(std::move(data))), std::move(labels));
    }

    task<std::size_t> send_signal(std::string name) const {
        return send(signal(std::move(name), id(), {}), {});
    }

    /// `send_signal("ping", {"workers"})`: without data. A base::list would be the data.
    task<std::size_t>
    send_signal(std::string name, std::initializer_list<std::string> labels) const {
        return send(signal(std::move(name), id(), {}), base::list(labels));
    }

  private:
    template <typename F>
    static handler handler_of(F f) {
        return [f = std::move(f)](signal with) mutable -> task<void> {
            if constexpr (std::is_invocable_v<F&, signal>)
                return async::run_user_function(std::ref(f), std::move(with));
            else
                return async::run_user_function(std::ref(f));
        };
    }

    friend class tcp_server;

    /// Calls `f` when the bean is to take no new work from outside any more, or now when it is so
    /// already. Taken back by remove_signal_handler().
    std::uint64_t at_end_of_intake(std::function<void()> f) const;

    /// What its statistics tell.
    server::tally& counted() const;

    std::uint64_t add_handler(std::string name, handler call) const;
    task<std::size_t> send(signal what, base::list labels) const;

    bean* bean_;
};

} // namespace aio::bean
