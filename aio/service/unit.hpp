#pragma once

// What everything that runs is to those who run it: a schedule, a server, a bean, a process and a
// service of the user's are units. The tree (aio/service/tree.hpp) starts them in dependency order,
// restarts those that crash and stops them in reverse.

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

AIO_API std::string_view name(state of) noexcept;

/// One of a unit's counts: {"runs", 12}.
struct statistic {
    std::string name;
    double value = 0;

    statistic(std::string name_, double value_) : name(std::move(name_)), value(value_) {}
};

AIO_API std::string_view name(restart of) noexcept;

class unit;

/// What a unit says of itself, with its name before it when that does not begin it already:
/// "service/x: on_stop awaits sleep for 3.0 s".
AIO_API std::string said_of(std::string_view name, std::string text);

/// The loop that a child has for itself, and who lives below it there.
struct branch {
    std::shared_ptr<async::loop> at;
    /// To be called there: the child, nullptr when it is none any more.
    std::function<const unit*()> itself;
    /// The same; stays valid when the child has gone.
    std::function<std::vector<const unit*>()> children;
    /// The same: what of it and of those below still runs there.
    std::function<std::vector<std::string>()> unfinished;

    branch() = default;
};

/// All members are called on the unit's loop, by the tree or the service it belongs to. When
/// wait_stopped() has completed it may be started again: a restart keeps the object.
class AIO_API unit {
  public:
    explicit unit(common_spec common) : common_(std::move(common)) {}

    unit(const unit&) = delete;
    unit& operator=(const unit&) = delete;
    virtual ~unit();

    const common_spec& common() const noexcept { return common_; }

    const std::string& name() const noexcept { return common_.section; }

    std::string_view short_name() const noexcept { return common_.short_name(); }

    /// As its owner sees it. From any thread.
    aio::service::state state() const noexcept { return state_.load(std::memory_order_acquire); }

    /// The owner's.
    void becomes(aio::service::state now) noexcept { state_.store(now, std::memory_order_release); }

    /// Takes what needs privileges or can be refused by the system: binds sockets, reads keys.
    /// Before users are switched and before anything runs. Throws with a readable reason.
    virtual void prepare() {}

    /// After prepare(), before users are switched: gives the files it made to the user the process
    /// will be, so that it may use and remove them. Returns what could not be given, readable.
    virtual std::vector<std::string> give_to(uid_t, gid_t) { return {}; }

    /// Completes when the service is ready (a server: accepting). Throws with a readable reason;
    /// then it has released what it took itself, and is stopped all the same.
    virtual task<void> start() = 0;

    /// Said before begin_stop(): start() follows, so what prepare() took is kept.
    virtual void expect_restart() noexcept {}

    /// The app stops, and before this unit is told to, what was emitted is heard: it takes no new
    /// work from here on, what is in work goes on. begin_stop() follows. Never blocks, never
    /// throws; again is harmless, also while it does not run.
    virtual void end_intake() noexcept {}

    /// Told to stop: takes no new work, lets work in progress finish. Never blocks, never throws;
    /// again is harmless.
    virtual void begin_stop() noexcept = 0;
    /// Completes when nothing of it runs any more, whatever the reason. Cancellable: then it may
    /// be awaited again.
    virtual task<void> wait_stopped() = 0;
    /// Cancels what is still running; after it wait_stopped() completes unless user code refuses.
    virtual void cancel() noexcept = 0;

    /// What still runs, for the stop log: "connection from 127.0.0.1:4242 awaits read for 2.1 s".
    virtual std::vector<std::string> unfinished() const { return {}; }

    /// The names of the signals that its running tasks have asked for.
    virtual std::vector<std::string> listens_for() const { return {}; }

    /// Real addresses of a server, "127.0.0.1:8888"; empty for everything else.
    virtual std::vector<std::string> endpoints() const { return {}; }

    /// What it has counted since it was made, over all its starts.
    virtual std::vector<statistic> statistics() const { return {}; }

    /// Units it runs itself, in the order they were added.
    virtual std::vector<const unit*> children() const { return {}; }

    /// Of a child that has a loop for itself: its children are there, not on its parent's loop.
    /// Called on the parent's.
    virtual std::optional<branch> apart() const { return {}; }

  protected:
    /// For those who learn what they are after they were made.
    void name_it(common_spec common) { common_ = std::move(common); }

  private:
    common_spec common_;
    std::atomic<aio::service::state> state_{aio::service::state::init};
};

} // namespace aio::service
