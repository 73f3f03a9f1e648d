#pragma once

// The common interface of everything that runs: schedules, servers, beans, processes and users'
// services are units. The tree (aio/service/tree.hpp) starts them in dependency order, restarts
// those that crash, and stops them in reverse order.

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/units.hpp>

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::async {
class loop;
}

namespace aio::service {

/// `restart`: when a unit that has ended is started again.
enum class restart {
    never,      ///< a crash goes to the supervisor's parent, at the root to the app
    on_failure, ///< after a crash
    always      ///< after an end without a crash, too
};

/// What `[schedule/*] [server/*] …` have in common.
struct common_spec {
    std::string section; ///< "server/web": the name of the unit
    base::location where;
    bool enabled = true;
    std::string label;
    base::list depends;
    std::vector<base::location> depends_where;
    std::string loop = "main"; ///< "main", "own" or a number
    base::location loop_where;
    std::optional<base::duration> stop_timeout;  ///< nothing: what is left of the app's
    std::optional<base::duration> start_timeout; ///< to be ready; nothing: no limit
    aio::service::restart restart = aio::service::restart::never;
    std::string supervisor; ///< the NAME of [supervisor/NAME]; empty: the app itself
    base::location supervisor_where;

    common_spec() = default;

    /// What follows the slash: "web". As long as `section` is as it is.
    std::string_view short_name() const noexcept {
        return std::string_view(section).substr(section.find('/') + 1); // npos + 1 is 0
    }
};

enum class state { init, starting, running, stopping, stopped, crashed, given_up };

AIO_API std::string_view name(state state) noexcept;

/// One of a unit's counts: {"runs", 12}.
struct statistic {
    std::string name;
    double value = 0;

    statistic(std::string name_, double value_) : name(std::move(name_)), value(value_) {}
};

AIO_API std::string_view name(restart value) noexcept;

class unit;

/// A text of a unit, with the name of the unit in front unless the text begins with it: "service/x:
/// on_stop awaits sleep for 3.0 s".
AIO_API std::string said_of(std::string_view name, std::string text);

/// The loop that a child has for itself, and the units below the child.
struct branch {
    std::shared_ptr<async::loop> loop;
    /// The child; nullptr when it has been removed. Called on that loop.
    std::function<const unit*()> itself;
    /// The children of the child. Called on that loop, also when the child has been removed.
    std::function<std::vector<const unit*>()> children;

    branch() = default;
};

/// All members are called on the unit's loop, by the tree or by the service it belongs to. After
/// wait_stopped() a unit may be started again: a restart keeps the object.
class AIO_API unit {
  public:
    explicit unit(common_spec common) : common_(std::move(common)) {}

    unit(const unit&) = delete;
    unit& operator=(const unit&) = delete;
    virtual ~unit();

    const common_spec& common() const noexcept { return common_; }

    const std::string& name() const noexcept { return common_.section; }

    std::string_view short_name() const noexcept { return common_.short_name(); }

    /// The state that its owner has set. From any thread.
    aio::service::state state() const noexcept { return state_.load(std::memory_order_acquire); }

    /// Sets the state. For its owner only.
    void becomes(aio::service::state now) noexcept { state_.store(now, std::memory_order_release); }

    /// Takes what needs privileges or can be refused by the system: binds sockets, reads keys.
    /// Called before the user is switched and before anything runs, so it may block. Not called for
    /// a unit that waits to replace another one. Throws with a readable reason.
    virtual void prepare() {}

    /// Changes the owner of the files that it has made to the later user of the process, who may
    /// then use and remove them. Called after prepare(), before the user is switched. Returns the
    /// failures as texts.
    virtual std::vector<std::string> give_to(uid_t, gid_t) { return {}; }

    /// Starts the unit. Takes what prepare() takes if the unit does not have it, without blocking
    /// the loop.
    /// Completes: when it is ready; a server is ready when it accepts.
    /// Loop: the unit's.
    /// Cancelled: the caller has to stop the unit, as after a failure. Then operation_aborted.
    /// Throws: an error with a readable reason; the unit has released what it took in the start.
    virtual task<void> start() = 0;

    /// Called before begin_stop() when start() follows: the unit keeps what others wait for, such
    /// as bound sockets, whether prepare() or start() took it.
    virtual void expect_restart() noexcept {}

    /// Takes no new work from here on; work in progress goes on. Called when the app stops, before
    /// the emitted signals are heard and before begin_stop(). Does not block or throw. May be
    /// called twice, and while the unit does not run.
    virtual void end_intake() noexcept {}

    /// Takes no new work and lets work in progress finish. Does not block or throw. May be called
    /// twice, before the first start, and while start() runs. Without expect_restart() before it,
    /// nothing is kept, also when an earlier call has kept something.
    virtual void begin_stop() noexcept = 0;
    /// Waits for the end of the unit.
    /// Completes: when nothing of it runs any more, for whatever reason.
    /// Loop: the unit's.
    /// Cancelled: only the waiting ends; it may be awaited again. Then operation_aborted.
    virtual task<void> wait_stopped() = 0;
    /// Cancels what still runs: wait_stopped() completes, unless user code ignores the
    /// cancellation. It may come while start() runs.
    virtual void cancel() noexcept = 0;

    /// What still runs, one text each, for the log of a stop: "connection from 127.0.0.1:4242
    /// awaits read for 2.1 s".
    virtual std::vector<std::string> unfinished() const { return {}; }

    /// What the state does not tell, for `aio graph` and SIGUSR2: "waits 2.1 s, 7 failures, last:
    /// refused". Empty for units without such.
    virtual std::string condition() const { return {}; }

    /// The names of the signals that its running tasks have asked for.
    virtual std::vector<std::string> listens_for() const { return {}; }

    /// The real addresses of a server, "127.0.0.1:8888"; empty for other units.
    virtual std::vector<std::string> endpoints() const { return {}; }

    /// Whether it may act without another part of the app: it has connections, which their peers
    /// use.
    virtual bool acts_by_itself() const { return !endpoints().empty(); }

    /// The counts since it was made, over all its starts.
    virtual std::vector<statistic> statistics() const { return {}; }

    /// The units it runs itself, in the order they were added.
    virtual std::vector<const unit*> children() const { return {}; }

    /// The loop of a child that has one for itself; the children of the child live there. Called on
    /// the loop of the parent.
    virtual std::optional<branch> apart() const { return {}; }

  protected:
    /// For units that get their section after they were made.
    void name_it(common_spec common) { common_ = std::move(common); }

  private:
    common_spec common_;
    std::atomic<aio::service::state> state_{aio::service::state::init};
};

} // namespace aio::service
