#pragma once

// The interface of the app for its parts: events and contexts give it as `event.app()`. app::app
// implements it; lower floors know only this interface.

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/net/gate.hpp>
#include <aio/service/directory.hpp>
#include <aio/service/values.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aio::config {
class tree;
}

namespace aio::log {
class logger;
}

namespace aio::signal {
class bus;
}

namespace aio::async {
class loop;
class worker_pool;
} // namespace aio::async

namespace aio::net {
class tls_common;
}

namespace aio::service {

struct figures;
struct graph;
class unit;

class AIO_API runtime {
  public:
    runtime();
    virtual ~runtime();

    /// The bus of signals by name. From any loop.
    virtual signal::bus& signals() noexcept = 0;
    /// The logger of a dotted name; "aio" is the app's own. From any loop.
    virtual log::logger& log(std::string_view name) = 0;
    /// The logger of a name that is needed for a limited time, such as one for each connection. The
    /// logger ends with its last holder; one that log() has returned stays. From any loop.
    virtual std::shared_ptr<log::logger> lend_log(std::string_view name);
    /// The merged configuration, read-only. From any loop.
    virtual const config::tree& config() const noexcept = 0;
    /// Asks the app to stop in order, and returns at once. From any loop, also during the start.
    virtual void stop_soon() = 0;

    /// Whether the app was asked to stop: by a signal, or by stop_soon(). From any loop.
    virtual bool stopping() const noexcept { return false; }

    /// The running unit of a section ("server/web"), nullptr when there is none. Main loop.
    virtual unit* find(std::string_view name) const noexcept = 0;
    /// The names of all units with this `label`, in start order and in any state; also of
    /// replacements. From any loop, once the app has been made.
    virtual std::vector<std::string> labelled(std::string_view label) const;
    /// The loop the app itself runs on.
    virtual async::loop& main_loop() noexcept = 0;
    /// The loops of `[aio] loops`, the main one first.
    virtual const std::vector<async::loop*>& loops() const noexcept = 0;

    /// The soft limit of open files before aio raised it, for child processes; 0: it was not
    /// raised.
    virtual std::uint64_t open_files_before() const noexcept { return 0; }

    /// Opens a loop with a thread of its own, which already runs. It ends with the last reference
    /// to it, at the latest with the app.
    /// Completes: when the loop runs.
    /// Loop: any.
    /// Cancelled: has no effect; the call completes.
    /// Throws: std::logic_error when this app makes no loops.
    virtual task<std::shared_ptr<async::loop>> open_loop(std::string name);

    /// Threads for blocking calls: `co_await app.workers().run(f)`.
    virtual async::worker_pool& workers() noexcept = 0;
    /// Threads for calls that wait for others and may not return for long, such as the lookup of a
    /// name. A caller that is cancelled leaves its call (async::begun_calls::left).
    virtual async::worker_pool& lookups() noexcept = 0;
    /// Says that a unit cannot go on. Its supervisor decides what follows; without one the error is
    /// logged, and the app stops with status 1. From any loop.
    virtual void crashed(std::string_view unit, std::exception_ptr why) = 0;
    /// Says that a unit has nothing more to do. The unit is stopped; with `restart = always` it
    /// starts again. The app stops when all its units end by themselves and all have ended. From
    /// any loop.
    virtual void ended(std::string_view unit) = 0;

    /// Something that a stop has to complete was cancelled when its time was over, and has not come
    /// to its end by itself: a hook of the stop, or a run with `shield = yes`. The app then ends
    /// with outcome::cut_short, when it is the app that stops. From any loop.
    virtual void cut_off(std::string_view unit, std::string_view work);

    /// A hook of the stop has failed by an error, which was logged. When it is the app that stops,
    /// it ends with outcome::crashed. From any loop.
    virtual void stop_failed(std::string_view unit);

    /// What every task awaits and since when, one per line, below the owner of the task.
    /// Completes: when all loops have answered; a loop that has not answered in a second is named.
    /// Loop: any.
    /// Cancelled: no further loop is asked. Then operation_aborted.
    virtual task<std::string> tasks();
    /// All that runs, with its current state (aio/service/graph.hpp). The contract of tasks().
    virtual task<aio::service::graph> graph();
    /// All counts so far (aio/service/figures.hpp). The contract of tasks().
    virtual task<aio::service::figures> statistics();

    /// The values that parts of the app set for each other. From any loop.
    aio::service::values& values() noexcept { return values_; }

    /// What sections offer to the code of others. From any loop.
    aio::service::directory& directory() noexcept { return directory_; }

    const aio::service::directory& directory() const noexcept { return directory_; }

    /// Admits connections while enough descriptors are free. From any thread.
    net::gate& descriptors() noexcept { return *descriptors_; }

    /// The same, for clients that may outlive the app.
    std::weak_ptr<net::gate> shared_descriptors() const noexcept { return descriptors_; }

    /// What the TLS of all servers shares. From any thread, also after the app.
    const std::shared_ptr<net::tls_common>& tls() const noexcept { return tls_; }

  private:
    aio::service::directory directory_;
    std::shared_ptr<net::gate> descriptors_ = std::make_shared<net::gate>();
    std::shared_ptr<net::tls_common> tls_;
    aio::service::values values_;
};

} // namespace aio::service
