#pragma once

// What everything that runs is: a schedule, a server and later a bean or a process are services.
// The app starts them in dependency order and stops them in reverse.

#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/units.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::service {

/// What `[schedule/*] [server/*] …` have in common.
struct common_spec {
    std::string section; ///< "server/web": the name of the service
    base::location where;
    bool enabled = true;
    std::string label;
    base::list depends;
    std::vector<base::location> depends_where;
    std::string loop = "main";                  ///< "main", "own" or a number
    std::optional<base::duration> stop_timeout; ///< nothing: what is left of the app's

    common_spec() = default;
};

enum class state { init, starting, running, stopping, stopped, crashed };

AIO_API std::string_view name(state of) noexcept;

/// All members are called on the service's loop, by the app only.
class AIO_API service {
  public:
    explicit service(common_spec common) : common_(std::move(common)) {}

    service(const service&) = delete;
    service& operator=(const service&) = delete;
    virtual ~service();

    const common_spec& common() const noexcept { return common_; }

    const std::string& name() const noexcept { return common_.section; }

    /// Takes what needs privileges or can be refused by the system: binds sockets, reads keys.
    /// Before users are switched and before anything runs. Throws with a readable reason.
    virtual void prepare() {}

    /// Completes when the service is ready (a server: accepting). Throws with a readable reason;
    /// then it has released what it took itself.
    virtual task<void> start() = 0;
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

    /// Real addresses of a server, "127.0.0.1:8888"; empty for everything else.
    virtual std::vector<std::string> endpoints() const { return {}; }

  private:
    common_spec common_;
};

} // namespace aio::service
