#pragma once

// A signal that belongs to an object and has typed arguments:
//
//     class feed : public aio::service::service {
//       public:
//         aio::signal::typed<int, std::string> ticked{*this};
//         …   co_await ticked.emit(303, "sorry not sorry");
//     };
//
//     auto mine = feed.ticked.connect([](int n, std::string why) { … });
//     mine.disconnect();
//
// Each object has its own signal: a handler of one does not hear another. A signal that several
// objects emit, such as a member of the app, is told the sender, and a handler may ask for one
// sender only:
//
//     all.connect(f, aio::signal::from(x));       co_await all.emit_from(&x, 1, "one");
//
// The bus of the app counts the signals of a service that have a name: ticked{*this, "ticked"} is
// "service/feed.ticked" there.

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/signal/bus.hpp>
#include <aio/signal/listener.hpp>
#include <aio/signal/statistics.hpp>

#include <any>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace aio::signal {

struct audience;

/// The object that emitted; a handler may take it before the arguments.
struct sender {
    const void* address = nullptr;

    template <typename T>
    bool is(const T& value) const noexcept {
        return address == static_cast<const void*>(&value);
    }
};

struct connect_options {
    const void* sender = nullptr; ///< the only sender that is heard; nullptr: all are
    async::loop* loop = nullptr;  ///< where the handler runs; nullptr: on the loop that emits
    bool once = false;            ///< the connection ends before the first call

    connect_options() {}

    explicit connect_options(async::loop& loop_) : loop(&loop_) {}
};

template <typename T>
connect_options from(const T& value) {
    connect_options only;
    only.sender = static_cast<const void*>(&value);
    return only;
}

/// The part of a typed signal that does not depend on its types. Used by typed and connection.
class AIO_API hub : public std::enable_shared_from_this<hub> {
  public:
    hub();
    ~hub();
    hub(const hub&) = delete;
    hub& operator=(const hub&) = delete;

    subscription add(listener listener, const connect_options& options);
    bool remove(subscription id);
    bool remove(const void* identity);
    std::size_t size() const;
    /// What was counted, without a name. From any thread.
    signal_statistics statistics() const;
    /// See typed::emit(). `data` outlives the task.
    task<void> emit(const void* from, const void* data);

  private:
    static task<void> deliver(
        std::shared_ptr<hub> self,
        std::shared_ptr<const audience> listeners,
        const void* from,
        const void* data
    );

    struct inside;
    std::unique_ptr<inside> inside_;
};

/// One connected handler. Copies mean the same connection. Destroying one changes nothing.
class AIO_API connection {
  public:
    connection() = default;

    connection(std::weak_ptr<hub> target, subscription id) : to_(std::move(target)), id_(id) {}

    /// True when it was connected. On the loop of the handler: the handler is not called any more,
    /// not even by an emit that has begun; a call that has begun goes on. From elsewhere, the
    /// handler may be called once more while this runs.
    bool disconnect() const {
        const auto hub = to_.lock();
        return hub && hub->remove(id_);
    }

  private:
    std::weak_ptr<hub> to_;
    subscription id_ = 0;
};

/// Disconnects in its destructor: a member of the object that the handler belongs to.
class scoped_connection {
  public:
    scoped_connection() = default;

    scoped_connection(connection connection) : one_(std::move(connection)) {}

    scoped_connection(scoped_connection&& other) noexcept
        : one_(std::exchange(other.one_, connection())) {}

    scoped_connection& operator=(scoped_connection&& other) noexcept {
        if (this != &other) {
            one_.disconnect();
            one_ = std::exchange(other.one_, connection());
        }
        return *this;
    }

    ~scoped_connection() { one_.disconnect(); }

    bool disconnect() { return one_.disconnect(); }

    /// Gives up the duty to disconnect.
    connection release() noexcept { return std::exchange(one_, connection()); }

  private:
    connection one_;
};

/// All members may be called from any thread; emit() is awaited on a loop.
template <typename... Args>
class typed {
    struct payload {
        sender by;
        std::tuple<Args...> args;
    };

    template <typename F>
    struct handler {
        F f;

        auto operator()(const event& event) {
            const auto& with =
                *static_cast<const payload*>(std::any_cast<const void*>(event.any()));
            if constexpr (std::invocable<F&, sender, const Args&...>)
                return std::apply(
                    [&](const Args&... all) { return std::invoke(f, with.by, all...); }, with.args
                );
            else
                return std::apply(f, with.args);
        }
    };

  public:
    typed() = default;

    /// A signal of `owner`, which is the sender. An owner with a member has_signal() is told of it.
    template <typename T>
        requires(!std::same_as<std::remove_cv_t<T>, typed>)
    explicit typed(T& owner, std::string name = {}) : owner_(static_cast<const void*>(&owner)) {
        if constexpr (requires { owner.has_signal(hub_, std::move(name)); })
            owner.has_signal(hub_, std::move(name));
    }

    typed(const typed&) = delete;
    typed& operator=(const typed&) = delete;

    /// `f` is a function or a coroutine of the arguments (by value or by const reference, both are
    /// safe) and returns nothing. The same function twice for the same sender is once: the
    /// first connection stays, with its options.
    template <typename F>
    connection connect(F&& f, const connect_options& options = {}) {
        using bound = handler<std::decay_t<F>>;
        using result = std::invoke_result_t<bound&, const event&>;
        static_assert(
            std::is_void_v<result> || std::same_as<result, task<void>>,
            "a handler returns nothing, or is a coroutine that does"
        );
        const void* same = listener::identity_of(f);
        return connection(hub_, hub_->add(listener(bound{std::forward<F>(f)}, same), options));
    }

    /// As connection::disconnect().
    bool disconnect(const connection& connection) { return connection.disconnect(); }

    /// Ends all connections of a function, whichever senders it hears.
    template <typename F>
        requires(!std::same_as<std::remove_cvref_t<F>, connection>)
    bool disconnect(F&& f) {
        return hub_->remove(listener::identity_of(f));
    }

    std::size_t connections() const { return hub_->size(); }

    /// What was counted, without a name; see also bus::include().
    signal_statistics statistics() const { return hub_->statistics(); }

    const std::shared_ptr<hub>& inside() const noexcept { return hub_; }

    /// Calls every handler, in the order they were connected, each on its loop.
    /// Completes: when all handlers have completed.
    /// Loop: any.
    /// Cancelled: the handlers that are suspended are cancelled and waited for; all others have
    /// run. Then operation_aborted.
    /// Throws: emit_error when a handler failed; the others were called nevertheless.
    task<void> emit(Args... args) { return emit_from(owner_, std::move(args)...); }

    /// As emit(), with another sender.
    task<void> emit_from(const void* by, Args... args) {
        return send(hub_, payload{{by}, {std::move(args)...}});
    }

  private:
    static task<void> send(std::shared_ptr<hub> target, payload arguments) {
        co_await target->emit(arguments.by.address, &arguments);
    }

    std::shared_ptr<hub> hub_ = std::make_shared<hub>();
    const void* owner_ = nullptr;
};

} // namespace aio::signal
