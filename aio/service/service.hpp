#pragma once

// The base class of users' services. It calls hooks, and it owns tasks, timers and children that
// end with it.
//
//     struct cache : aio::service_base {
//         aio::task<void> on_start() override {
//             every(5s, [this] { return refresh(); });
//             co_await load();
//         }
//         aio::task<void> refresh();
//     };
//
//     module.service<cache>("cache").option("size", 100, "entries");      [service/x] class =
//     my.cache
//
// The order of the hooks of a parent P with children C1 and C2 in a start: P.on_first_start,
// P.on_start, C1 (all three), C2 (all three), P.on_started. In a stop: P.on_stop, C2.on_stop,
// C2.on_shutdown, C1.on_stop, C1.on_shutdown, the tasks of P are cancelled, the on_exit functions
// of P run, P.on_shutdown. After a crash or in a restart the same object starts again; on_restart
// takes the place of on_first_start.
//
// A child added with own_loop has a loop and a thread for itself and its own children. Its hooks,
// tasks and timers run there; call() and cast() reach it from other loops. It starts beside the
// children that are added after it, and stops in its turn. on_started of the parent comes after
// all.
//
// A crash of one service is a crash of the whole tree of services it belongs to. Each of them gets
// the reason, and on_crash is called before on_stop. The owner of the root decides what follows. An
// error in a hook of the stop is logged; the other services stop nevertheless.

#include <aio/async/child.hpp>
#include <aio/async/event.hpp>
#include <aio/async/hop.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task.hpp>
#include <aio/async/user_function.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/service/context.hpp>
#include <aio/service/unit.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::signal {
class hub;
}

namespace aio::service {

/// Thrown by start() when the service was told to stop before it was ready.
struct AIO_API stopped_while_starting : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct own_loop_t {};

/// `add_child(std::make_unique<web>(), "web", aio::own_loop)`
inline constexpr own_loop_t own_loop{};

/// Lifted as aio::service_base. All members are called on the loop of the service unless they say
/// otherwise.
class AIO_API service : public unit {
    template <typename F>
    using answer_of = typename async::awaited<std::invoke_result_t<F&>>::type;

  public:
    /// When every() calls its function for the first time: one period later, or now. The words of
    /// `first` in a [schedule/NAME].
    enum class first_call { after, now };

    service();
    ~service() override;

    /// What its section says: name, options, log, app. A child has the options and the app of its
    /// root, and its own name and logger.
    /// Throws: base::mistake before the first hook, so in a constructor.
    const aio::service::context& context() const;

    log::logger& log() const { return context().log(); }

    /// Its names from the root of the tree to this service: "P/C1".
    std::string path() const;
    /// 1 for the root.
    std::size_t depth() const noexcept;
    service* parent() const noexcept;
    /// The number of restarts.
    std::uint64_t restarts() const noexcept;
    /// The reason of its crash, or of the crash of a service of the same tree; nullptr: no crash.
    std::exception_ptr crash_reason() const noexcept;

    /// Runs `f`, a function or a coroutine function, on the loop of this service, and returns its
    /// result: `co_await other.call([&] { … })`. The call belongs to this service: when the service
    /// stops, the call is cancelled with its tasks and ends before the stop does. A service that
    /// names this one in `depends` stops first, so its calls are answered until then.
    /// Completes: when `f` has completed; on the caller's loop.
    /// Loop: any.
    /// Cancelled: `f` is cancelled and waited for.
    /// Throws: what `f` throws; operation_aborted when this service stops meanwhile, or is
    /// stopping. (A task that does not catch it crashes its own service, unless that one or the app
    /// stops, too.) std::logic_error before the first start, and when the service has been removed.
    template <typename F>
    auto call(F f) -> task<answer_of<F>> {
        return call_on(home_to_call(), std::weak_ptr(inside_), std::move(f));
    }

    /// Like call(), but without waiting: an error crashes this service. Does nothing while the
    /// service does not run. From any thread.
    template <async::user_function F>
    void cast(F f) {
        cast_task(async::task_function(std::move(f)));
    }

    /// Adds a child and returns it. The child starts with this service, after the children before
    /// it; when this service runs, it starts in the next turn. It stops before this service. Its
    /// crash is a crash of this service. Children stay over a restart: add them in the constructor
    /// or in on_first_start.
    /// Throws: std::invalid_argument for nullptr, and for a name that is empty or has a '/'.
    template <typename T>
    T& add_child(std::unique_ptr<T> child, std::string name) {
        T* added = child.get();
        adopt(std::move(child), std::move(name), false);
        return *added;
    }

    /// The same, with a loop and a thread for the child alone. They exist from its first start on,
    /// also over restarts and after its stop, so that calls into it are always answered. They end
    /// when the child is removed, or with the app. Disconnect its signals before removing it.
    template <typename T>
    T& add_child(std::unique_ptr<T> child, std::string name, own_loop_t) {
        T* added = child.get();
        adopt(std::move(child), std::move(name), true);
        return *added;
    }

    /// Stops a child and gives it back. A task of the child itself cannot wait for it, because the
    /// stop cancels that task; see done().
    /// Completes: when the child has stopped, and no call into it runs.
    /// Loop: the parent's.
    /// Cancelled: the child stops nevertheless, and stays a child. Then operation_aborted.
    /// Throws: std::invalid_argument when it is no child.
    task<std::unique_ptr<service>> remove_child(service& child);

    /// Starts the service unless it runs. True when it did. A child starts only with its parent
    /// when the parent has not started it yet, stops, or has stopped.
    /// Completes: when the service is ready; at once when it does not start.
    /// Loop: the service's.
    /// Cancelled: the service is stopped. Then operation_aborted.
    /// Throws: what start() throws.
    task<bool> maybe_start();

    /// Gives a root its names and its loop. Called once, before start(), by the owner.
    void place(common_spec common, const aio::service::context& context, async::loop& loop);

    /// Called by a typed signal of this service (aio/signal/typed.hpp): the statistics of the app
    /// count it as "service/x.NAME".
    void has_signal(std::weak_ptr<const signal::hub> hub, std::string name);

    // service::unit. A start that fails or is cancelled stops what it had begun, and throws the
    // reason of the crash.
    task<void> start() override;
    void expect_restart() noexcept override;
    void end_intake() noexcept override;
    void begin_stop() noexcept override;
    task<void> wait_stopped() override;
    void cancel() noexcept override;
    std::vector<std::string> unfinished() const override;
    std::vector<const unit*> children() const override;
    std::optional<branch> apart() const override;

  protected:
    // The hooks: coroutines of the derived class, with one contract.
    // Completes: when the derived class has finished; then the next step of the start or stop
    // follows.
    // Loop: the service's.
    // Cancelled: a hook of the start when the start is cancelled or the service has to stop; a hook
    // of the stop, or on_crash, when its time is over.
    // Throws: an error in a hook of the start crashes the service; an error in a hook of the stop,
    // or in on_crash, is logged, and the stop goes on.

    /// Before on_start, in each start until it has succeeded once.
    virtual task<void> on_first_start();
    /// In each start, before the children start.
    virtual task<void> on_start();
    /// After the children have started.
    virtual task<void> on_started();
    /// First hook of the stop; also after a failed start.
    virtual task<void> on_stop();
    /// After the end of everything the service owns.
    virtual task<void> on_shutdown();
    /// Before on_start, in each later start.
    virtual task<void> on_restart();
    /// After a crash of this service or of another one of its tree, before on_stop.
    virtual task<void> on_crash(std::exception_ptr why);

    // The functions of these four are coroutines or plain functions. A function is kept until its
    // last call has ended, so what a lambda captured by value stays valid in its coroutine.

    /// Starts a task that the service owns. An error in it crashes the service.
    /// Loop: the service's, from on_first_start on. Once the tasks of a stop are cancelled, the
    /// task is dropped unstarted.
    /// Cancelled: the task, when the service stops.
    /// Throws: base::mistake before the first hook.
    void spawn(std::string_view name, task<void> work);

    /// The same for the task that `f` returns; `f` lives as long as the task.
    template <async::user_function F>
    void spawn(std::string_view name, F f) {
        spawn(name, async::run_user_function(std::move(f)));
    }

    /// Calls `f` once each `period`, one call at a time, at whole periods from now whatever a call
    /// takes. first_call::now adds a call at once. A call that is due while another runs is left
    /// out, with a WARNING, at most one a minute. An error in `f` crashes the service. The calls go
    /// on until this service itself stops, also while the app stops already: the units that depend
    /// on this service stop first, and may need it. Throws: std::invalid_argument below 1 ms;
    /// otherwise as spawn().
    template <async::user_function F>
    void every(base::duration period, F f, first_call first = first_call::after) {
        every_task(period, async::task_function(std::move(f)), first);
    }

    /// Calls `f` by a cron line such as "*/5 * * * *", in UTC unless a `zone` is named. Otherwise
    /// like every().
    /// Throws: std::invalid_argument for an invalid line or zone; otherwise as spawn().
    template <async::user_function F>
    void cron(std::string_view line, F f, std::string_view zone = {}) {
        cron_task(line, async::task_function(std::move(f)), zone);
    }

    /// Runs `leave` when the service stops, after its tasks. The last function that was added runs
    /// first.
    template <async::user_function F>
    void on_exit(F leave) {
        on_exit_task(async::task_function(std::move(leave)));
    }

    /// Waits for a duration. Returns false, at once, when the service stops or crashes meanwhile.
    /// Completes: after the duration, or when the service stops or crashes.
    /// Loop: the service's.
    /// Cancelled: the wait ends. Then operation_aborted.
    task<bool> sleep(base::duration how_long);
    /// Awaits `work`. Returns false when the service stops or crashes meanwhile; `work` is then
    /// cancelled.
    /// Completes: when `work` has completed.
    /// Loop: the service's.
    /// Cancelled: `work` is cancelled and waited for.
    /// Throws: what `work` throws.
    task<bool> wait(task<void> work);

    /// Like wait(), with a result; nothing when the service stops or crashes.
    template <typename T>
        requires(!std::is_void_v<T>)
    task<std::optional<T>> wait(task<T> work) {
        async::outcome<T> result;
        if (co_await wait(async::keep_outcome(std::move(work), result)))
            co_return std::move(result.value);
        co_return std::nullopt;
    }

    /// Says that the service is ready, although its start goes on.
    void ready() noexcept;
    /// Says that the service has nothing more to do: a child stops; for a root see
    /// runtime::ended().
    void done();
    /// Closes what it and its children have kept over a stop for a restart, such as sockets: no
    /// restart follows. After a crash this is known only when the service has stopped. Called on
    /// the service's loop; also before the first start. An override calls the base.
    virtual void close_kept() noexcept;
    /// Whether it was told to stop, or has crashed.
    bool should_stop() const noexcept;
    /// Crashes this service and all of its tree with a reason. The first reason counts.
    void crash(std::exception_ptr why);

    /// The loop it lives on. From any thread.
    /// Throws: base::mistake before the first hook.
    async::loop& home() const;

  private:
    struct inside;
    friend struct inside;

    void cast_task(std::function<task<void>()> f);
    void every_task(base::duration period, std::function<task<void>()> f, first_call first);
    void cron_task(std::string_view line, std::function<task<void>()> f, std::string_view zone);
    void on_exit_task(std::function<task<void>()> leave);
    /// Throws base::mistake that names the class and says where `member` belongs.
    [[noreturn]] void too_early(std::string_view member) const;

    void adopt(std::unique_ptr<service> child, std::string name, bool apart);
    std::shared_ptr<async::loop> shared_home() const noexcept;
    std::shared_ptr<async::loop> home_to_call() const;
    static task<void> run_call(std::weak_ptr<inside> target, task<void> work);

    template <typename F>
    static auto call_on(std::shared_ptr<async::loop> loop, std::weak_ptr<inside> target, F f)
        -> task<answer_of<F>> {
        auto over_there = [target = std::move(target), f = std::move(f)]() mutable {
            return answer(target, f);
        };
        co_return co_await async::on(*loop, std::move(over_there));
    }

    template <typename F>
    static task<answer_of<F>> answer(std::weak_ptr<inside> target, F& f) {
        async::outcome<answer_of<F>> result;
        co_await run_call(std::move(target), invoke(f, result));
        co_return result.take();
    }

    template <typename F>
    static task<void> invoke(F& f, async::outcome<answer_of<F>>& into) {
        if constexpr (async::awaited<std::invoke_result_t<F&>>::coroutine)
            co_await async::keep_outcome(f(), into);
        else if constexpr (std::is_void_v<answer_of<F>>)
            f();
        else
            into.value.emplace(f());
        co_return;
    }

    std::shared_ptr<inside> inside_;
};

} // namespace aio::service
