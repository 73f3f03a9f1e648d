#pragma once

// What users derive their services from: hooks that are called, and things a service owns and that
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
// Order of the hooks of a parent P with children C1 and C2: P.on_first_start, P.on_start, C1 (all
// three), C2 (all three), P.on_started; to stop: P.on_stop, C2.on_stop, C2.on_shutdown, C1.on_stop,
// C1.on_shutdown, the tasks of P are cancelled, what P entered is left, P.on_shutdown. The same
// object starts again after a crash or a restart, on_restart taking the place of on_first_start.
//
// A child added with own_loop has a loop and a thread for itself and for its own children: its
// hooks, tasks and timers run there, and call() and cast() reach it from elsewhere. It starts
// beside the children added after it; on_started of the parent comes after all. It stops in its
// turn.
//
// A crash anywhere is a crash of the whole tree it belongs to: every service of it gets the reason,
// on_crash comes before on_stop, and the owner of the root decides what happens next. An error in a
// hook of the stop is logged and keeps nobody else from stopping.

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

/// What start() throws when the service was told to stop before it was ready.
struct AIO_API stopped_while_starting : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct own_loop_t {};

/// `add_child(std::make_unique<web>(), "web", aio::own_loop)`
inline constexpr own_loop_t own_loop{};

/// All members are called on the service's loop unless they say otherwise. Lifted as
/// aio::service_base.
class AIO_API service : public unit {
    template <typename F>
    using answer_of = typename async::awaited<std::invoke_result_t<F&>>::type;

  public:
    service();
    ~service() override;

    /// What its section says: name, options, log, app. A child has the options and the app of its
    /// root, and its own name and logger.
    /// Throws: base::mistake before the first hook, so in a constructor.
    const aio::service::context& context() const;

    log::logger& log() const { return context().log(); }

    /// "P/C1": the way from the root of its tree.
    std::string path() const;
    /// 1 for the root.
    std::size_t depth() const noexcept;
    service* parent() const noexcept;
    /// How often it has been started again.
    std::uint64_t restarts() const noexcept;
    /// Why it crashed: its own reason or that of a service of the same tree. nullptr: it has not.
    std::exception_ptr crash_reason() const noexcept;

    /// Runs `f`, a function or a coroutine function, on the loop of this service and gives what it
    /// returns, or throws what it throws. From any loop. `co_await other.call([&] { … })`.
    /// It belongs to the service: what still runs when the service stops is cancelled with its
    /// tasks, and ends before the stop does; the caller gets operation_aborted, and so does who
    /// calls while the stop waits for that. A task that does not catch it crashes its own service,
    /// unless that one stops too, or the app does. A service that names the other in `depends`
    /// stops before it in a stop of the app, and is answered until then. Throws std::logic_error
    /// before the first start, and once it has been removed.
    template <typename F>
    auto call(F f) -> task<answer_of<F>> {
        return call_on(home_to_call(), std::weak_ptr(inside_), std::move(f));
    }

    /// The same, and nobody waits: an error crashes the service; nothing happens while it does not
    /// run. From any thread.
    template <async::user_function F>
    void cast(F f) {
        cast_task(async::task_function(std::move(f)));
    }

    /// A child: starts with this one, after those added before it (in the next turn when this one
    /// runs), stops before it, crashes it when it crashes. It stays over a restart: those of
    /// every start are added in the constructor or in on_first_start. Returns the child. Throws
    /// std::invalid_argument for none, and for a name that is empty or has a '/'.
    template <typename T>
    T& add_child(std::unique_ptr<T> child, std::string name) {
        T* one = child.get();
        adopt(std::move(child), std::move(name), false);
        return *one;
    }

    /// The same with a loop and a thread for the child alone. They are there from its first start
    /// on, also over restarts and after its stop, so that calls into it are always answered; they
    /// end when it is removed, or with the app. What it has connected to elsewhere, such as
    /// signals, has to be disconnected before it is removed.
    template <typename T>
    T& add_child(std::unique_ptr<T> child, std::string name, own_loop_t) {
        T* one = child.get();
        adopt(std::move(child), std::move(name), true);
        return *one;
    }

    /// Stops a child and gives it back. Throws std::invalid_argument when it is none. A task of the
    /// child itself cannot wait for that: it is cancelled with the others; see done().
    task<std::unique_ptr<service>> remove_child(service& child);

    /// Starts it unless it runs; whether it did. A child that its parent has not come to yet, or
    /// whose parent stops or has stopped, starts with the parent only.
    task<bool> maybe_start();

    /// Where a root lives and as what: called once, before start(), by whoever made it.
    void place(common_spec common, const aio::service::context& given, async::loop& at);

    /// A typed signal of this service says so (aio/signal/typed.hpp): it is counted in the
    /// statistics of the app, as "service/x.NAME".
    void has_signal(std::weak_ptr<const signal::hub> one, std::string name);

    // service::unit. A start that fails or is cancelled stops what it had begun; the reason of a
    // crash during the start comes out of it.
    task<void> start() override;
    void end_intake() noexcept override;
    void begin_stop() noexcept override;
    task<void> wait_stopped() override;
    void cancel() noexcept override;
    std::vector<std::string> unfinished() const override;
    std::vector<const unit*> children() const override;
    std::optional<branch> apart() const override;

  protected:
    /// Before on_start until it has succeeded once.
    virtual task<void> on_first_start();
    virtual task<void> on_start();
    /// After the children have started.
    virtual task<void> on_started();
    /// Also after a start that failed.
    virtual task<void> on_stop();
    /// After everything it owns has ended.
    virtual task<void> on_shutdown();
    /// Before on_start of each other start.
    virtual task<void> on_restart();
    virtual task<void> on_crash(std::exception_ptr why);

    // The functions of these four are coroutines or plain functions. A function is kept until its
    // last call has ended, so what a lambda captured by value stays valid in its coroutine.

    /// Starts a task that the service owns. An error in it crashes the service.
    /// Loop: the service's, from on_first_start on. Once the tasks of a stop are cancelled, the
    /// task is dropped unstarted. Cancelled: the task, when the service stops. Throws:
    /// base::mistake before the first hook.
    void spawn(std::string_view name, task<void> work);

    /// The same for the task that `f` returns; `f` lives as long as the task.
    template <async::user_function F>
    void spawn(std::string_view name, F f) {
        spawn(name, async::run_user_function(std::move(f)));
    }

    /// Calls `f` once each `period`, one call at a time, at whole periods from now whatever a call
    /// takes; with `first` right away, too. A call that is due while another runs is left out, with
    /// a WARNING, at most one a minute. An error in `f` crashes the service. The calls go on until
    /// this service itself stops, also while the app stops already: the units that depend on this
    /// service stop first, and may need it.
    /// Throws: std::invalid_argument below 1 ms; otherwise as spawn().
    template <async::user_function F>
    void every(base::duration period, F f, bool first = false) {
        every_task(period, async::task_function(std::move(f)), first);
    }

    /// Calls `f` by a cron line such as "*/5 * * * *", in UTC unless a `zone` is named. Otherwise
    /// like every().
    /// Throws: std::invalid_argument for a line or a zone that is none.
    template <async::user_function F>
    void cron(std::string_view line, F f, std::string_view zone = {}) {
        cron_task(line, async::task_function(std::move(f)), zone);
    }

    /// Runs `leave` when the service stops, after its tasks. The one entered last runs first.
    template <async::user_function F>
    void on_exit(F leave) {
        on_exit_task(async::task_function(std::move(leave)));
    }

    /// False when the service was stopped or has crashed meanwhile, at once then.
    task<bool> sleep(base::duration how_long);
    /// Waits for something that is cancelled when the service stops or crashes: false then.
    task<bool> wait(task<void> what);

    /// The same: nothing then.
    template <typename T>
        requires(!std::is_void_v<T>)
    task<std::optional<T>> wait(task<T> what) {
        async::outcome<T> result;
        if (co_await wait(async::keep_outcome(std::move(what), result)))
            co_return std::move(result.value);
        co_return std::nullopt;
    }

    /// Ready already, though the start goes on as the work of the service.
    void ready() noexcept;
    /// Has nothing more to do: a child stops, of a root see runtime::ended().
    void done();
    /// Told to stop, or crashed.
    bool should_stop() const noexcept;
    /// Cannot go on: this and all of its tree crash with this reason; the first one counts.
    void crash(std::exception_ptr why);

    /// The loop it lives on. From any thread.
    /// Throws: base::mistake before the first hook.
    async::loop& home() const;

  private:
    struct inside;
    friend struct inside;

    void cast_task(std::function<task<void>()> f);
    void every_task(base::duration period, std::function<task<void>()> f, bool first);
    void cron_task(std::string_view line, std::function<task<void>()> f, std::string_view zone);
    void on_exit_task(std::function<task<void>()> leave);
    /// Throws base::mistake that names the class and says where `member` belongs.
    [[noreturn]] void too_early(std::string_view member) const;

    void adopt(std::unique_ptr<service> child, std::string name, bool apart);
    std::shared_ptr<async::loop> shared_home() const noexcept;
    std::shared_ptr<async::loop> home_to_call() const;
    static task<void> run_call(std::weak_ptr<inside> of, task<void> work);

    template <typename F>
    static auto call_on(std::shared_ptr<async::loop> there, std::weak_ptr<inside> of, F f)
        -> task<answer_of<F>> {
        auto over_there = [of = std::move(of), f = std::move(f)]() mutable {
            return answer(of, f);
        };
        co_return co_await async::on(*there, std::move(over_there));
    }

    template <typename F>
    static task<answer_of<F>> answer(std::weak_ptr<inside> of, F& f) {
        async::outcome<answer_of<F>> result;
        co_await run_call(std::move(of), invoke(f, result));
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
