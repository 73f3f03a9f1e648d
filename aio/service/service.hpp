#pragma once

// What users derive their services from: hooks that are called, and things a service owns and that
// end with it.
//
//     struct cache : aio::service::service {
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
// C1.on_shutdown, the tasks of P are cancelled, P.on_shutdown. The same object starts again after a
// crash or a restart; on_first_start is called once in its life, on_restart before each other
// start.

#include <aio/async/event.hpp>
#include <aio/async/hop.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/service/context.hpp>
#include <aio/service/unit.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::service {

/// All members are called on the service's loop unless they say otherwise.
class AIO_API service : public unit {
  public:
    service();
    ~service() override;

    /// What its section says: name, options, log, app. From the first hook on.
    const aio::service::context& context() const noexcept;
    /// "P/C1": the way from the root of its tree.
    std::string path() const;
    /// 1 for the root.
    std::size_t depth() const noexcept;
    service* parent() const noexcept;
    std::uint64_t restarts() const noexcept;
    /// Why it crashed: its own reason or that of a service of the same tree. nullptr: it has not.
    std::exception_ptr crash_reason() const noexcept;

    /// Runs `f`, a function or a coroutine function, on the loop of this service and gives what it
    /// returns, or throws what it throws. From any loop. `co_await other.call([&] { … })`.
    template <typename F>
    auto call(F f) {
        return async::on(home(), std::move(f));
    }

    /// The same, and nobody waits: an error crashes the service. From any thread.
    void cast(std::function<task<void>()> f);

    /// A child: starts with this one (at once when this one runs), stops before it, crashes it when
    /// it crashes. From outside hooks only while running. Returns the child.
    template <typename T>
    T& add_child(std::unique_ptr<T> child, std::string name) {
        T& one = *child;
        adopt(std::move(child), std::move(name));
        return one;
    }

    /// Stops a child and gives it back.
    task<std::unique_ptr<service>> remove_child(service& child);

  protected:
    virtual task<void> on_first_start();
    virtual task<void> on_start();
    /// After the children have started.
    virtual task<void> on_started();
    virtual task<void> on_stop();
    /// After everything it owns has ended.
    virtual task<void> on_shutdown();
    virtual task<void> on_restart();
    virtual task<void> on_crash(std::exception_ptr why);

    /// A task it owns: cancelled when the service stops, an error in it crashes the service.
    void spawn(std::string_view name, task<void> work);
    /// Calls `f` every so often, without drift; `first`: right away, too. An error crashes it.
    void every(base::duration period, std::function<task<void>()> f, bool first = false);
    /// By a cron line, in local time or a zone: "*/5 * * * *". Throws std::invalid_argument.
    void cron(std::string_view line, std::function<task<void>()> f, std::string_view zone = {});
    /// Runs `leave` when the service stops; those entered last leave first.
    void on_exit(std::function<task<void>()> leave);

    /// False when the service was stopped or has crashed meanwhile, at once then.
    task<bool> sleep(base::duration how_long);
    /// Waits for something, cancelled when the service stops or crashes: nothing then.
    task<bool> wait(task<void> what);
    template <typename T>
        requires(!std::is_void_v<T>)
    task<std::optional<T>> wait(task<T> what);

    /// Ready already, though on_start goes on as the work of the service.
    void ready() noexcept;
    /// Has nothing more to do; see runtime::ended().
    void done();
    bool should_stop() const noexcept;
    /// Cannot go on: this and all of its tree crash with this reason.
    void crash(std::exception_ptr why);

    /// The loop it lives on.
    async::loop& home() const noexcept;

  private:
    void adopt(std::unique_ptr<service> child, std::string name);

    struct inside;
    std::unique_ptr<inside> inside_;
};

} // namespace aio::service
