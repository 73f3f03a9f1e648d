#pragma once

// Everything that runs in an app: units under their supervisors. The tree starts them in dependency
// order, independent branches at the same time, and stops them in reverse. When a unit crashes, the
// tree asks its supervisor for a verdict and carries it out.
//
// How: each unit is wanted up or down, and is down, starting, up or stopping. A supervisor's
// verdict changes only what is wanted. Whenever something changes, the tree looks at the units it
// may concern. Each takes one step towards what is wanted as soon as nothing stands in its way
// (steps.hpp). So a stop may come at any moment.
//
// Signals with the name of the unit as data: service-starting and service-stopping are emitted
// before the unit is told, within its time limit; service-started, -stopped, -crashed and
// -restarting are posted.

#include <aio/async/clock.hpp>
#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/log/logger.hpp>
#include <aio/service/figures.hpp>
#include <aio/service/graph.hpp>
#include <aio/service/kind.hpp>
#include <aio/service/supervision.hpp>
#include <aio/service/unit.hpp>
#include <aio/signal/bus.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace aio::service {

/// What the app gives to its tree.
struct tree_surroundings {
    async::loop& main;
    log::logger& log;
    signal::bus* bus = nullptr; ///< for the signals of starts, stops and crashes; nullptr: none
    /// The stop_timeout of a unit without one, in a stop after a crash; nothing: no limit.
    std::optional<base::duration> stop_timeout;
    std::uint_fast32_t seed = 1;       ///< of the jitter
    std::function<void()> failed = {}; ///< a unit has crashed for good: the app has to stop
    /// In a stop: listeners were cancelled when their time was over, "server/web: listeners of
    /// service-stopping (my.example.hears) were cut off".
    std::function<void(const std::string&)> cut_off = {};
    std::function<void()> finished = {}; ///< all units end by themselves, and all have ended

    tree_surroundings(async::loop& main_, log::logger& log_) : main(main_), log(log_) {}
};

/// The deadlines of a stop: when units that still run are cancelled, and when the stop ends.
struct stop_deadlines {
    async::time_point cancel = async::never;
    async::time_point end = async::never;

    stop_deadlines() = default;
};

/// Thrown by start() when a unit could not start. Every failure was logged.
struct AIO_API start_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Members are called on the main loop unless they say otherwise.
class AIO_API tree {
  public:
    /// check_supervisors() and order() have checked the supervisors, and the units of add().
    tree(tree_surroundings surroundings, std::span<const supervisor_spec> supervisors);
    tree(const tree&) = delete;
    tree& operator=(const tree&) = delete;
    /// Precondition: every unit has stopped or was never started.
    ~tree();

    /// Adds a unit, in start order: dependencies first. `plan` has to outlive the tree. A
    /// replacement waits until it is needed. nullptr: place() brings the unit.
    void add(const planned& plan, async::loop& home, std::unique_ptr<unit> subject);
    /// Brings the unit of the call of add() with this index, which had none. Before start().
    void place(std::size_t index, std::unique_ptr<unit> subject);

    /// Calls unit::prepare() of all that are there, and `begins` before each; ends when that
    /// returns false. Returns the failures, one line each.
    std::vector<std::string> prepare(const std::function<bool(const unit&)>& begins = {});

    /// Calls unit::give_to() of all prepared units. Returns the failures, one line each.
    std::vector<std::string> give_to(uid_t user, gid_t group);

    /// Starts all units.
    /// Completes: when all are ready.
    /// Loop: main.
    /// Cancelled: the units keep running until stop(). Then operation_aborted.
    /// Throws: start_error when a unit has failed for good, or after hold(); the other units keep
    /// running until stop().
    task<void> start();

    /// Announces a stop: from here on no unit starts or is restarted, and a start() under way
    /// throws. From any thread.
    void hold() noexcept;

    /// Like hold(), and no unit takes new work: units that have not started do not start, and the
    /// others are told on their own loops. Work in progress goes on until stop().
    void end_intake();

    /// Stops all units, in reverse order. `changed` is called when last_words() may have changed.
    /// Completes: when all have stopped, or at `deadlines.end`; then unfinished() has the others. A
    /// blocked main loop delays the end; any other blocked loop delays its own units.
    /// Loop: main.
    /// Cancelled: only the waiting ends. Then operation_aborted.
    task<void> stop(stop_deadlines deadlines, std::function<void()> left = {});

    /// See runtime::crashed() and ended(). False when there is no such unit. From any thread.
    bool crashed(std::string_view name, std::exception_ptr why);
    bool ended(std::string_view name);

    unit* find(std::string_view name) const noexcept;
    /// All units in start order, without replacements that wait.
    std::vector<const unit*> units() const;
    /// The units that have not ended although their time is over.
    std::vector<const unit*> unfinished() const;

    /// A unit that has not ended.
    struct left_unit {
        std::string name;
        std::vector<std::string> awaits; ///< known without waiting: of a unit on the main loop
        bool unfinished = false;         ///< its time is over

        left_unit() = default;
    };

    /// In start order.
    std::vector<left_unit> left_units() const;
    /// The same as lines for the user, at most a screen of them.
    std::string last_words() const;
    /// Whether a unit has crashed for good: it was given up or forfeited, or it crashed in the stop
    /// without a restart to come.
    bool has_failed() const noexcept;
    /// Whether a unit was given up: the app has to stop.
    bool has_given_up() const noexcept;
    /// How long draw() and statistics() wait for a blocked loop.
    static constexpr base::duration patience = std::chrono::seconds(1);

    /// The graph with the states of now and the units' own children; without the children on a loop
    /// that does not answer.
    /// Completes: when all loops have answered, or after `patience` for each level of loops.
    /// Loop: main.
    /// Cancelled: no further loop is asked. Then operation_aborted.
    task<graph> draw() const;
    /// The same without the children: no other loop is asked.
    graph draw_units() const;

    /// The counts so far, in start order, each unit followed by its children. Same contract as
    /// draw().
    task<std::vector<unit_figures>> statistics() const;

    struct state;

  private:
    std::shared_ptr<state> state_;
};

} // namespace aio::service
