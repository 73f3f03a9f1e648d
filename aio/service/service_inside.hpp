#pragma once

// The state of a user's service. Private to service/.

#include <aio/async/child.hpp>
#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/base/once_a_minute.hpp>
#include <aio/service/life_line.hpp>
#include <aio/service/service.hpp>
#include <aio/service/stage.hpp>
#include <aio/timetable/due.hpp>

#include <boost/asio/error.hpp>
#include <boost/intrusive/list.hpp>
#include <boost/system/system_error.hpp>

#include <fmt/format.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace aio::service {

/// The life of a service: it begins with start(), and ends with the last line of run_stop().
struct service::inside : std::enable_shared_from_this<service::inside> {
    explicit inside(service& service) : self(service) {}

    service& self;
    service* parent = nullptr;
    std::string name;
    std::string logger;               ///< "my.module.P.C1"
    async::loop* home = nullptr;      ///< written under `placing`: other loops read it
    std::shared_ptr<async::loop> own; ///< the same, when it or a service above has one for itself
    mutable std::mutex placing;
    bool apart = false;           ///< it gets a loop for itself
    std::uint64_t life_above = 0; ///< if apart: the life of the parent that has started it
    std::optional<aio::service::context> own_context;
    std::vector<std::pair<std::string, std::weak_ptr<const signal::hub>>> signals; ///< not told yet
    std::vector<std::unique_ptr<service>> children; ///< in the order of add_child()
    std::size_t children_begun = 0;                 ///< of the children, in this life

    std::atomic<std::uint64_t> lives{0};     ///< children on other loops look at it
    std::uint64_t begun_in = 0;              ///< the life of the parent it was last started in
    bool was_started = false;                ///< on_first_start has succeeded
    std::atomic<stage> current{stage::made}; ///< children on other loops look at it
    readiness start_is = readiness::pending;
    bool intake_over = false;     ///< the app stops: this service will be told to stop
    bool restart_follows = false; ///< the next begin_stop() of its owner closes nothing kept
    bool forced = false;          ///< cancel() was called
    std::exception_ptr why;       ///< it crashed
    bool crash_told = false;      ///< on_crash was called

    std::optional<async::task_group> starting; ///< its own start and those of late children
    std::optional<async::task_group> work;
    std::optional<async::task_group> ending; ///< the stop; never cancelled
    async::task_group* hook = nullptr;       ///< of the stop, at work
    std::vector<std::function<task<void>()>> leaves;
    async::event settling;
    async::event stopped;
    std::size_t apart_starting = 0; ///< children on loops of their own
    bool walking = false;           ///< start_children() is at work
    async::event walk_on;           ///< a child was added, or all children apart are up
    std::string awaited; ///< the child on a loop of its own whose stop this one waits for

    /// Leaves its list when it is destroyed, whatever the list has become meanwhile.
    using listed = boost::intrusive::list_base_hook<
        boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
    template <typename T>
    using list = boost::intrusive::list<T, boost::intrusive::constant_time_size<false>>;

    /// A wait that a stop interrupts.
    struct waiting final : async::child, listed {
        explicit waiting(inside& owner) { owner.waits.push_back(*this); }

        bool interrupted = false;
    };

    list<waiting> waits;

    struct call_ended;

    /// A call that runs.
    struct calling final : async::child, listed {
        explicit calling(inside& owner_) : owner(owner_) { owner.calls.push_back(*this); }

        ~calling();
        task<void> note(task<void> what);

        inside& owner;
        const async::task_node* at_work = nullptr;
        std::uint64_t cancelled_in = 0; ///< the round of cancel_calls() that has met it
        bool ended_early = false;
    };

    list<calling> calls;
    std::uint64_t cancellations = 0; ///< rounds of cancel_calls()
    async::event calls_over;
    std::size_t ending_calls = 0; ///< coroutines that wait for the end of its calls
    bool removed = false;         ///< takes no calls until it starts again

    bool alive() const noexcept { return is_alive(current); }

    bool asked() const noexcept { return is_told_to_stop(current); }

    bool lives_in(std::uint64_t life) const noexcept { return alive() && lives == life; }

    /// Nothing changes when the life is in a later stage already.
    void enter(stage next) noexcept {
        if (may_follow(current, next))
            current = next;
    }

    void tell_signals();

    // service_life.cpp
    void begin_life();
    void has_a_place() const;
    bool waits_for_its_turn() const noexcept;
    void settle(readiness how);
    task<void> run_start();
    task<void> run_hooks_of_start();
    void fail_start(std::exception_ptr error);
    void fail_work(std::string_view task, std::exception_ptr error);
    void interrupt() noexcept;
    void crash(std::exception_ptr reason);
    void stop_soon() noexcept;
    inside& head() noexcept;
    void each(std::vector<std::shared_ptr<inside>>& into);

    // service_children.cpp
    task<void> start_children();
    task<void> start_added();
    task<void> start_child(inside& child);
    void start_children_soon();
    service* next_child();

    // service_stop.cpp
    void begin_stop() noexcept;
    task<void> run_stop();
    task<void> tell_crash();
    task<void> stop_children();
    task<void> end_work();
    task<void> run_hook(const char* hook_name, std::function<task<void>()> call);

    // service_call.cpp
    task<void> end_calls();
    void cancel_calls();
    bool takes_no_more() const noexcept;
    [[noreturn]] void throw_stopped() const;
    static task<void> take_no_calls(std::shared_ptr<inside> target);
    bool is_ending() const noexcept;
    bool is_ending_above() const noexcept;
    std::vector<std::string> calls_at_work() const;

    // service_apart.cpp: what crosses between a service and a child on a loop of its own
    void start_apart_soon(std::shared_ptr<inside> child);
    task<void> start_apart(std::shared_ptr<inside> child);
    /// Why a child stops.
    enum class departure {
        stop,   ///< its parent stops
        removal ///< it alone: its parent goes on
    };
    task<void> stop_apart(std::shared_ptr<inside> child, departure cause);
    void tell_children(void (service::*what)() noexcept) noexcept;
    void crash_apart(const std::exception_ptr& reason);
    void crash_above(const std::exception_ptr& reason);
    void place_below(inside& parent);

    // service_work.cpp
    task<void> run_periodic(base::duration period, std::function<task<void>()> f, first_call first);
    task<void>
    run_by_calendar(std::string line, timetable::by_calendar plan, std::function<task<void>()> f);
    void say_drift(base::duration period, base::duration late);
    void say_missed(const std::string& line, std::uint64_t runs);
    void
    warn_of_overlap(base::once_a_minute& lately, const std::string& timer, base::duration took);

    /// "[^-C1]: " before every line about its life.
    template <typename... Args>
    void say(log::level severity, fmt::format_string<Args...> format, Args&&... args) const {
        if (own_context && own_context->log().enabled(severity))
            own_context->log().log(
                severity,
                "{}",
                life_line(self.depth(), name, fmt::format(format, std::forward<Args>(args)...))
            );
    }
};

/// Thrown to callers of a stopped service.
struct service::inside::call_ended final : boost::system::system_error {
    call_ended(const std::string& name, bool app_stops_)
        : system_error(boost::asio::error::operation_aborted, name + " has stopped"),
          app_stops(app_stops_) {}

    bool app_stops;
};

} // namespace aio::service
