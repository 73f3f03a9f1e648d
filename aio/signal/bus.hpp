#pragma once

// Signals by name inside one process: listeners hear what others emit. An app has one bus. Names
// are compared without case. Every member may be called from any thread unless it says otherwise.

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/signal/event.hpp>
#include <aio/signal/listener.hpp>
#include <aio/signal/statistics.hpp>

#include <algorithm>
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

/// The number of one subscription, given by listen().
using subscription = std::uint64_t;

/// What happens to an event that comes to a full queue.
enum class queue_policy {
    wait,        ///< the emitter waits until there is room
    drop_oldest, ///< it takes the place of the oldest event in the queue
    drop_newest, ///< it is dropped
};

struct listen_options {
    std::string label;                     ///< for emit_to()
    std::vector<std::string> other_labels; ///< emit_to() reaches it by these, too
    async::loop* loop = nullptr; ///< where the listener runs; nullptr: the home loop of the bus
    bool once = false;           ///< the subscription ends before the first call
    std::string name;            ///< for messages: "my.example.on_ticked"
    /// How many events may wait for a slow listener; 0: no queue, emitters wait for the listener.
    /// A listener behind a queue hears one event at a time, in order. The emitter gets neither its
    /// result nor its error; errors are logged. Events that are in the queue at unlisten() are
    /// still heard.
    std::size_t queue = 0;
    queue_policy policy = queue_policy::wait;

    listen_options() {}

    explicit listen_options(std::string label_) : label(std::move(label_)) {}

    explicit listen_options(async::loop& loop_) : loop(&loop_) {}

    bool has_label(std::string_view wanted) const noexcept {
        return label == wanted ||
               std::find(other_labels.begin(), other_labels.end(), wanted) != other_labels.end();
    }
};

/// Thrown by emit() after all listeners have completed, when at least one failed.
class AIO_API emit_error : public std::runtime_error {
  public:
    emit_error(
        std::string_view signal,
        std::vector<std::any> results,
        std::vector<std::exception_ptr> errors
    );

    /// As emit() would have returned them; a listener that failed has an empty one.
    const std::vector<std::any>& results() const noexcept { return *results_; }

    /// In order of subscription.
    const std::vector<std::exception_ptr>& errors() const noexcept { return *errors_; }

  private:
    std::shared_ptr<const std::vector<std::any>> results_;
    std::shared_ptr<const std::vector<std::exception_ptr>> errors_;
};

class AIO_API bus {
  public:
    /// Gets one line for each error of a listener, "Error calling listener: …", with the error, and
    /// one for each listener that listen() leaves out, without. On any loop.
    using error_log = std::function<void(const std::string& line, const std::exception_ptr& why)>;

    explicit bus(async::loop& home, error_log log = {});
    bus(const bus&) = delete;
    bus& operator=(const bus&) = delete;
    /// On the home loop, when no emit is under way.
    ~bus();

    /// Subscribes a listener: every later emit of `name` calls it. A `*` in the name stands for any
    /// text. The same function twice on one name is one subscription: the first one is answered and
    /// stays as it is. When the second call asks for other options, the log says so.
    subscription listen(std::string_view name, listener function, listen_options options = {});

    /// True when it was listening. An emit that has begun still calls it. What the function holds
    /// is released when no emit uses it any more; after an unlisten() outside the home loop,
    /// perhaps not before the home loop emits again.
    bool unlisten(std::string_view name, const listener& function);
    bool unlisten(std::string_view name, const void* identity);
    bool unlisten(subscription id);

    /// Calls every listener of `name`, in order of subscription, each on its own loop. Returns the
    /// results of those that return something, in the same order.
    /// Completes: when all listeners have completed; at once when there are none.
    /// Loop: any.
    /// Cancelled: the listeners that are suspended are cancelled and waited for; all others have
    /// run. Then operation_aborted. What a listener does to its own cancellation state stays with
    /// the listener.
    /// Throws: emit_error when a listener failed; the others were called nevertheless.
    task<std::vector<std::any>>
    emit(std::string_view name, std::any data = {}, std::string_view emitter = {});

    /// As emit(), for the listeners with this label. The others are not called, not waited for, and
    /// have no place among the results.
    task<std::vector<std::any>> emit_to(
        std::string_view label,
        std::string_view name,
        std::any data = {},
        std::string_view emitter = {}
    );

    /// Emits in a later turn of the home loop, and returns at once. Errors are logged.
    void post(std::string_view name, std::any data = {}, std::string_view emitter = {});

    /// Waits for what was posted.
    /// Completes: when no posted emit is waiting or under way.
    /// Loop: home.
    /// Cancelled: only the waiting ends. Then operation_aborted.
    task<void> posted();

    /// Waits for what was posted, and for the events that are in queues.
    /// Completes: when all those of the moment of the call have been heard; later ones are not
    /// waited for.
    /// Loop: home.
    /// Cancelled: only the waiting ends. Then operation_aborted.
    task<void> heard();

    /// Waits until nothing is left to hear.
    /// Completes: when no posted emit is under way, every queue is empty, and no listener behind a
    /// queue runs.
    /// Loop: home.
    /// Cancelled: only the waiting ends. Then operation_aborted.
    task<void> drained();

    /// What has still to be heard, one line each: "3 events for my.example.on_ticked (signal
    /// 'ticked'), which is at work".
    std::vector<std::string> unfinished() const;

    /// Cancels the running listeners behind queues. The events in the queues, and those that come
    /// later, are dropped. Returns one line for each queue that was at work, as unfinished() does.
    std::vector<std::string> cancel_queues();

    /// The number of listeners an emit of `name` would call.
    std::size_t listeners(std::string_view name) const;
    /// The counts, sorted by name. On the home loop.
    std::vector<signal_statistics> statistics() const;
    /// Adds the counts of a typed signal to statistics(), under a name and as long as the signal
    /// exists: `signals.include("feed.ticked", feed.ticked.inside())`.
    void include(std::string name, std::weak_ptr<const hub> typed);
    /// Every name and pattern that has a listener, sorted.
    std::vector<std::string> names() const;

    /// Converts data of one type to JSON and back; see aio/signal/json.hpp.
    struct converter {
        std::string type; ///< its name outside
        std::function<std::string(const std::any&)> to_json;
        std::function<std::any(std::string_view)> from_json;
    };

    void convert(std::type_index type, converter how);
    /// Nothing when there is no converter for the type of `data`; "null" for no data.
    std::optional<std::string> to_json(const std::any& data) const;
    /// Nothing when no converter has the name `type`. Throws what the converter throws.
    std::optional<std::any> from_json(std::string_view type, std::string_view text) const;

  private:
    struct state;

    std::unique_ptr<state> state_;
};

} // namespace aio::signal
