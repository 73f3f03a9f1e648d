#pragma once

// The app as everything inside it sees it: events and contexts hand it out as `event.app()`.
// Implemented by app::app; floors below know only this face.

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/service/values.hpp>

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

namespace aio::service {

struct figures;
struct graph;
class unit;

class AIO_API runtime {
  public:
    virtual ~runtime();

    /// The bus of named events. From any loop.
    virtual signal::bus& signals() noexcept = 0;
    /// The logger of a dotted name; "aio" is the app's own. From any loop.
    virtual log::logger& log(std::string_view name) = 0;
    /// The logger of a name that is needed for a while, such as one for each connection. The name
    /// is given back when the last holder lets go; one that was asked for by log() stays for good.
    /// From any loop.
    virtual std::shared_ptr<log::logger> lend_log(std::string_view name);
    /// The merged configuration, read-only. From any loop.
    virtual const config::tree& config() const noexcept = 0;
    /// Asks the app to stop in good order; returns at once. From any loop, also during start-up.
    virtual void stop_soon() = 0;

    /// Somebody has asked the app to stop: by a signal, or by stop_soon(). From any loop.
    virtual bool stopping() const noexcept { return false; }

    /// The running unit of a section ("server/web"), nullptr when there is none. Main loop.
    virtual unit* find(std::string_view name) const noexcept = 0;
    /// The names of all that have this `label`, in start order, whatever their state; those that
    /// may take the place of another, too. From any loop, once the app has been made.
    virtual std::vector<std::string> labelled(std::string_view label) const;
    /// The loop the app itself runs on.
    virtual async::loop& main_loop() noexcept = 0;
    /// The loops of `[aio] loops`, the main one first.
    virtual const std::vector<async::loop*>& loops() const noexcept = 0;

    /// The soft limit of open files before aio raised it, which children get back; 0: as it is.
    virtual std::uint64_t open_files_before() const noexcept { return 0; }

    /// A loop with a thread of its own, which runs already. It ends when nobody has it any more, at
    /// the latest with the app. From any loop.
    virtual task<std::shared_ptr<async::loop>> open_loop(std::string name);

    /// Threads for blocking calls: `co_await app.workers().run(f)`.
    virtual async::worker_pool& workers() noexcept = 0;
    /// A unit cannot go on: its supervisor decides what happens; without one it is logged, the app
    /// stops, exit status 1. From any loop.
    virtual void crashed(std::string_view unit, std::exception_ptr why) = 0;
    /// A unit has nothing more to do: it is stopped, or started again with `restart = always`. The
    /// app stops by itself when everything that ends by itself has. From any loop.
    virtual void ended(std::string_view unit) = 0;

    /// A hook of a stop was cancelled when its time was over, and has not come to its end by
    /// itself. The app then ends with outcome::cut_short, when it is the app that stops. From any
    /// loop.
    virtual void cut_off(std::string_view unit, std::string_view hook);

    /// What every task awaits and since when, one a line, below whom it works for. Of these three:
    /// from any loop; a loop that does not answer in a second is named, and the rest is given.
    virtual task<std::string> tasks();
    /// What runs, with the states of now (aio/service/graph.hpp).
    virtual task<aio::service::graph> graph();
    /// What was counted so far (aio/service/figures.hpp).
    virtual task<aio::service::figures> statistics();

    /// What parts of the app set for each other. From any loop.
    aio::service::values& values() noexcept { return values_; }

  private:
    aio::service::values values_;
};

} // namespace aio::service
