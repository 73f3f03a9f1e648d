#pragma once

// Named events inside the process: some listen, others emit. One bus per app; names are compared
// without case. Every member may be called from any thread unless it says otherwise.

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/signal/event.hpp>
#include <aio/signal/listener.hpp>
#include <aio/signal/statistics.hpp>

#include <any>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>
#include <vector>

namespace aio::async {
class loop;
}

namespace aio::signal {

class hub;

/// Names one call of listen().
using subscription = std::uint64_t;

/// What happens to an event that comes to a full queue.
enum class queue_policy {
    wait,        ///< the emitter waits until there is room
    drop_oldest, ///< it takes the place of the one that waited longest
    drop_newest, ///< it is not heard
};

struct listen_options {
    std::string label;           ///< for emit_to()
    async::loop* loop = nullptr; ///< where it runs; nullptr: the home loop of the bus
    bool once = false;           ///< unlistens itself before its first call
    std::string name;            ///< for messages: "my.example.on_ticked"
    /// How many events wait for a slow listener; 0: none, emitters wait for it. With a queue it
    /// hears them one at a time, in order, and what it returns or throws does not come to the
    /// emitter: errors are logged. What is in the queue when it unlistens it still hears.
    std::size_t queue = 0;
    queue_policy policy = queue_policy::wait;

    listen_options() {}

    explicit listen_options(std::string label_) : label(std::move(label_)) {}

    explicit listen_options(async::loop& loop_) : loop(&loop_) {}
};

/// What emit() throws after all listeners have completed, when at least one failed.
class AIO_API emit_error : public std::runtime_error {
  public:
    emit_error(
        std::string_view signal,
        std::vector<std::any> results,
        std::vector<std::exception_ptr> errors
    );

    /// As emit() would have returned them; empty where a listener failed.
    const std::vector<std::any>& results() const noexcept { return *results_; }

    /// In order of subscription.
    const std::vector<std::exception_ptr>& errors() const noexcept { return *errors_; }

  private:
    std::shared_ptr<const std::vector<std::any>> results_;
    std::shared_ptr<const std::vector<std::exception_ptr>> errors_;
};

class AIO_API bus {
  public:
    /// Gets one line for each error of a listener, "Error calling listener: …", and the error. On
    /// any loop.
    using error_log = std::function<void(const std::string& line, const std::exception_ptr& why)>;

    explicit bus(async::loop& home, error_log log = {});
    bus(const bus&) = delete;
    bus& operator=(const bus&) = delete;
    /// On the home loop; nothing may be emitting any more.
    ~bus();

    /// The listener is called for every emit of `name` from now on; a `*` in the name stands for
    /// any text. The same function twice on one name is once: the first subscription stays.
    subscription listen(std::string_view name, listener to, listen_options options = {});

    /// True when it was listening. An emit that has begun still calls it.
    bool unlisten(std::string_view name, const listener& to);
    bool unlisten(std::string_view name, const void* identity);
    bool unlisten(subscription one);

    /// Starts every listener in order of subscription, each on its own loop, and completes when
    /// all have completed. Returns what those return that return something, in the same order.
    /// Every listener runs, whatever the others do; then an emit_error if one failed.
    /// On a loop. A cancellation is passed on to the listeners that are suspended. A coroutine
    /// that listens alone on the home loop is awaited by the emitter itself, so what it does to
    /// its cancellation state stays with the emitter, as with any function that is awaited.
    task<std::vector<std::any>>
    emit(std::string_view name, std::any data = {}, std::string_view emitter = {});

    /// The same, for the listeners with this label.
    task<std::vector<std::any>> emit_to(
        std::string_view label,
        std::string_view name,
        std::any data = {},
        std::string_view emitter = {}
    );

    /// Emits soon, on the home loop; nobody waits, errors are logged.
    void post(std::string_view name, std::any data = {}, std::string_view emitter = {});

    /// Completes when nothing posted is under way any more. On the home loop.
    task<void> posted();

    /// Completes when what was posted and what has come to the queues of listeners until now has
    /// been heard, whatever comes meanwhile. On the home loop.
    task<void> heard();

    /// Completes when nothing posted is under way, every queue is empty and every listener behind
    /// one at rest. On the home loop.
    task<void> drained();

    /// Who has still to hear something, one a line: "3 events for my.example.on_ticked (signal
    /// 'ticked'), which is at work". From any thread.
    std::vector<std::string> unfinished() const;

    /// Cancels the listeners behind queues that are at work; what is in the queues and what comes
    /// is dropped.
    void cancel_queues();

    /// How many would hear of `name`.
    std::size_t listeners(std::string_view name) const;
    /// What was counted, sorted by name. On the home loop.
    std::vector<signal_statistics> statistics() const;
    /// From now on also what a typed signal counts, under a name, as long as there is one:
    /// `signals.include("feed.ticked", feed.ticked.inside())`.
    void include(std::string name, std::weak_ptr<const hub> typed);
    /// Every name and pattern somebody listens to, sorted.
    std::vector<std::string> names() const;

    /// How data of one type leaves and enters the process, as JSON; see aio/signal/json.hpp.
    struct converter {
        std::string type; ///< its name outside
        std::function<std::string(const std::any&)> to_json;
        std::function<std::any(std::string_view)> from_json;
    };

    void convert(std::type_index type, converter how);
    /// Nothing when there is no converter for the type of `data`; "null" for no data.
    std::optional<std::string> to_json(const std::any& data) const;
    /// Nothing when nobody converts a type called `type`. Throws what the converter throws.
    std::optional<std::any> from_json(std::string_view type, std::string_view text) const;

  private:
    struct state;

    std::unique_ptr<state> state_;
};

} // namespace aio::signal
