#pragma once

// Everything that runs in an app: units under their supervisors. It starts them in dependency
// order, independent branches at once; when one crashes it asks the supervisor what to do and does
// it; it stops them in reverse.
//
// How: each unit is wanted up or down, and is down, starting, up or stopping. A supervisor's
// verdict changes only what is wanted. Whenever something changes, those it may concern are looked
// at, and each goes one step towards what is wanted as soon as nothing it has to wait for stands
// against it. So a stop may come at any moment.
//
// Signals with the name of the unit as data: service-starting and service-stopping are heard before
// the unit is told, within its time; service-started, -stopped, -crashed and -restarting are
// posted.

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

/// What a tree is given by the app it runs in.
struct tree_surroundings {
    async::loop& main;
    log::logger& log;
    signal::bus* bus = nullptr; ///< hears of starts, stops and crashes; nullptr: nobody does
    /// Of a unit that says nothing, when it is stopped after a crash; nothing: for ever.
    std::optional<base::duration> stop_timeout;
    std::uint_fast32_t seed = 1;         ///< of the jitter
    std::function<void()> failed = {};   ///< something has crashed for good: the app has to stop
    std::function<void()> finished = {}; ///< there are only such as end by themselves, and all have

    tree_surroundings(async::loop& main_, log::logger& log_) : main(main_), log(log_) {}
};

/// When a stop has to be over, and when what still runs is cancelled so that it can be.
struct stop_deadlines {
    async::time_point cancel = async::never;
    async::time_point end = async::never;

    stop_deadlines() = default;
};

/// What start() throws when a unit could not start; every failure was logged.
struct AIO_API start_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// All members on the main loop unless they say otherwise.
class AIO_API tree {
  public:
    /// `supervisors` and what is add()ed were checked by check_supervisors() and order().
    tree(tree_surroundings in, std::span<const supervisor_spec> supervisors);
    tree(const tree&) = delete;
    tree& operator=(const tree&) = delete;
    /// Everything has stopped, or has never started.
    ~tree();

    /// In start order: dependencies first. `plan` outlives the tree. The unit of a replacement
    /// waits for its turn.
    void add(const planned& plan, async::loop& home, std::unique_ptr<unit> it);

    /// Calls prepare() of all units, and `begins` before each; what `begins` throws ends it. Returns
    /// what failed, one line each.
    std::vector<std::string> prepare(const std::function<void(const unit&)>& begins = {});

    /// Calls give_to() of all that are prepared; what could not be given, one line each.
    std::vector<std::string> give_to(uid_t user, gid_t group);

    /// Completes when all are ready. Throws start_error when one has failed for good; the others
    /// go on, until stop(). Cancellable, with the same consequence.
    task<void> start();

    /// A stop is to come: from here on no unit starts, and none that crashes is restarted; a
    /// start() under way throws. From any thread.
    void hold() noexcept;

    /// The same, and nobody takes new work: what has not started never will, the others are told,
    /// each on its own loop. What is in work goes on until stop().
    void end_intake();

    /// Completes when everything has stopped, or `by.end` has come: unfinished() tells who has
    /// not. `left` is called when last_words() may have changed. A main loop that is blocked holds
    /// the end up, too; of another loop it holds up only its units.
    task<void> stop(stop_deadlines by, std::function<void()> left = {});

    /// As runtime::crashed() and ended(). False when there is no such unit. From any thread.
    bool crashed(std::string_view name, std::exception_ptr why);
    bool ended(std::string_view name);

    unit* find(std::string_view name) const noexcept;
    /// In start order, without replacements that wait.
    std::vector<const unit*> units() const;
    /// Who has not ended although its time is over.
    std::vector<const unit*> unfinished() const;
    /// Who has not ended yet and what it awaits, as far as that is known without waiting: lines.
    std::string last_words() const;
    /// Something has crashed for good: it was given up or forfeited, or it crashed in the stop and
    /// no restart would have come.
    bool has_failed() const noexcept;
    /// What failed() told: something was given up, the app has to stop.
    bool has_given_up() const noexcept;
    /// How long draw() and statistics() wait for a loop that is blocked.
    static constexpr base::duration patience = std::chrono::seconds(1);

    /// With the states of now, and the units' own children, but for those on a loop that does not
    /// answer.
    task<graph> draw() const;
    /// The same without the children, so without asking other loops.
    graph draw_units() const;

    /// Counted so far, in start order, each followed by its children.
    task<std::vector<unit_figures>> statistics() const;

    struct state;

  private:
    std::shared_ptr<state> state_;
};

} // namespace aio::service
