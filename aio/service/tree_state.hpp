#pragma once

// The state of a tree. Private to service/.

#include <aio/async/event.hpp>
#include <aio/async/standing_call.hpp>
#include <aio/async/start_inline.hpp>
#include <aio/async/task_group.hpp>
#include <aio/service/steps.hpp>
#include <aio/service/tree.hpp>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <random>

namespace aio::service {

struct batch;
struct unit_state;
struct waited_row;
struct supervisor;

/// Below a supervisor: a unit or another supervisor.
struct member {
    unit_state* unit = nullptr;
    supervisor* below = nullptr;
};

struct supervisor {
    supervisor_spec spec;
    supervisor* above = nullptr; ///< nullptr: the app
    std::size_t place = 0;       ///< among the members of the one above
    std::vector<member> members; ///< in start order
    restart_window window;
    unit_state* replacement = nullptr; ///< until it has taken a place

    explicit supervisor(supervisor_spec spec_) : spec(std::move(spec_)) {}

    std::string title() const { return "supervisor/" + spec.name; }
};

/// The signals whose listeners hear of a unit before it starts or stops.
inline constexpr const char* about_to_start = "service-starting";
inline constexpr const char* about_to_stop = "service-stopping";

/// Up to this number units are named one by one.
inline constexpr std::size_t few_left = 20;

/// Searches for a neighbour that holds the unit back, beginning where it found the last one: a unit
/// with thousands of neighbours need not look at all of them each time one changes.
struct obstacle {
    std::size_t index = 0;

    template <typename Test>
    bool find(const std::vector<unit_state*>& among, Test stands) {
        for (std::size_t looked = 0; looked < among.size(); ++looked, ++index) {
            if (index >= among.size())
                index = 0;
            if (stands(*among[index]))
                return true;
        }
        return false;
    }
};

/// A unit and its state. It is the keeper of its start and stop, and the timer that limits them.
struct unit_state final : async::keeper, async::timer {
    tree::state& owner;
    const planned* plan; ///< of its place, also when a replacement has taken it
    async::loop* home;
    std::unique_ptr<unit> subject;              ///< nullptr: until tree::place()
    std::vector<std::unique_ptr<unit>> retired; ///< units that were replaced here
    unit_state* acts_in = nullptr;              ///< of a replacement: the place it has taken
    supervisor* above = nullptr;
    std::size_t place = 0; ///< among the members of its supervisor

    std::vector<unit_state*> depends;
    std::vector<unit_state*> dependents;
    obstacle before;
    obstacle after;

    phase current = phase::down;
    overrun past = overrun::none;   ///< of the start or stop under way
    holding holds = holding::taken; ///< tree::prepare() finds those with nothing
    extent to_stop = extent::all;   ///< by the stop under way, or the next one
    fate end = fate::open;
    turn next = turn::first;
    bool wanted = false;     ///< up; else down
    bool waits = false;      ///< a replacement that has not been needed yet, or not made yet
    bool hearing = false;    ///< listeners hear of its start or stop before it begins
    bool unfinished = false; ///< the stop of the tree ends without it
    // What the tree has noted about it, so that it need not compute it again.
    bool queued = false;  ///< to be looked at
    bool counted = false; ///< among the active
    bool initial = false; ///< the start of the tree waits for it
    bool bridge =
        false; ///< in a stop: it is down or given up as late, but a unit that depends on it is not
    batch* waits_in = nullptr;        ///< waits to be started again
    async::runner* running = nullptr; ///< its start or stop, while suspended
    std::exception_ptr error;
    std::optional<async::time_point> up_since;
    std::uint64_t starts = 0, crashes = 0, restarts = 0;

    unit_state(
        tree::state& of_, const planned& plan_, async::loop& home_, std::unique_ptr<unit> it_
    )
        : owner(of_), plan(&plan_), home(&home_), subject(std::move(it_)) {}

    ~unit_state();

    bool is_cancelled() const noexcept { return past != overrun::none; }

    bool is_hung() const noexcept { return past == overrun::hung; }

    const std::string& name() const noexcept {
        return subject ? subject->name() : plan->common.section;
    }

    void ended(async::runner& runner, std::exception_ptr why) noexcept override;
    void fire() override;
};

/// Units that start again together, when all are down and the back-off is over.
struct batch final : async::timer {
    tree::state& owner;
    std::size_t seat = 0; ///< in the list of all
    std::vector<unit_state*> units;
    std::size_t count = 0; ///< of `units`, those that were not taken out
    std::size_t left = 0;  ///< of these, not down yet
    async::time_point not_before;
    unit_state* replaced = nullptr;    ///< gives its place away
    unit_state* replacement = nullptr; ///< to this one

    explicit batch(tree::state& of_) : owner(of_) {}

    ~batch();
    void fire() override;
};

/// The steps that pump() has left for a later turn. It is a timer that is due, so that other timers
/// and the kernel's events come in between.
struct rest_of_pump final : async::timer {
    tree::state& owner;

    explicit rest_of_pump(tree::state& of_) : owner(of_) {}

    ~rest_of_pump();
    void fire() override;
};

/// Asks for a pump() from any thread. It may outlive the tree.
struct pump_request {
    explicit pump_request(tree::state& tree_) : tree(&tree_) {}

    void make();

    tree::state* tree; ///< nullptr once it has ended
    async::standing_call<pump_request, &pump_request::make> call{*this};
};

struct tree::state final : std::enable_shared_from_this<tree::state> {
    tree_surroundings surroundings;
    std::vector<std::unique_ptr<supervisor>> supervisors;    ///< those of sections first
    std::size_t named = 0;                                   ///< their number
    std::vector<std::unique_ptr<unit_state>> units;          ///< in start order
    std::map<std::string, unit_state*, std::less<>> by_name; ///< not changed once anything runs
    std::vector<std::unique_ptr<batch>> batches;
    std::minstd_rand random;

    std::deque<unit_state*> queue;
    bool pumping = false;
    rest_of_pump rest{*this};
    std::shared_ptr<pump_request> request = std::make_shared<pump_request>(*this);
    course progress = course::made;
    harm worst = harm::none;
    std::atomic<bool> held = false;    ///< a stop is to come: nothing starts
    bool cut_short = false;            ///< by that, while not everything had started
    std::size_t active = 0;            ///< units that are wanted, or not down
    std::size_t initial_left = 0;      ///< units the start still waits for
    std::size_t enders = 0;            ///< units that end by themselves
    std::size_t others = 0;            ///< units that do not
    std::size_t left = 0;              ///< while stopping: units that have not stopped
    std::atomic<std::size_t> news = 0; ///< crashes and ends that were posted, and not handled yet
    std::string start_failure;
    async::event started; ///< or failed to
    async::event stopped;
    stop_deadlines limits;
    std::function<void()> tell_left;
    async::task_group reports;

    state(tree_surroundings in_, std::span<const supervisor_spec> specs);
    ~state();

    bool stops() const noexcept { return progress == course::stopping; }

    void suffers(harm harm) noexcept { worst = std::max(worst, harm); }

    // tree_queue.cpp: which units are looked at, and which step each takes
    void want_up(unit_state& n);
    void want_down(unit_state& n);
    void touch(unit_state& n);
    void touch_depends(unit_state& n);
    void touch_dependents(unit_state& n);
    void watch_dependents(unit_state& n);
    void pump();
    void step(unit_state& n);
    void account(unit_state& n);
    bool over(const unit_state& n) const noexcept;

    // tree_step.cpp: the steps
    void begin_start(unit_state& n);
    void start_over(unit_state& n, std::exception_ptr why);
    void cancel(unit_state& n);
    void begin_stop(unit_state& n);
    void stop_over(unit_state& n, std::exception_ptr why);

    // tree_time.cpp: what it may take
    async::time_point halfway() const;
    async::time_point patience(const unit_state& n) const;
    async::time_point last_patience(const unit_state& n) const;
    void limit(unit_state& n, async::time_point until);
    void limit_in_stop(unit_state& n);
    void out_of_time(unit_state& n);
    void cancel_stop(unit_state& n);
    void tell_cut_off(unit_state& n);
    void stop_waiting_for(unit_state& n);
    void give_back(unit_state& n);
    void leave_unfinished(unit_state& n);

    // tree_crash.cpp: what a crash leads to
    void crash(unit_state& n, std::exception_ptr why, const std::string& said);
    void crash_late(unit_state& n);
    verdict ask(supervisor& supervisor, std::size_t place, bool passed, const unit_state& n);
    void judge(unit_state& n, std::exception_ptr why, std::string said);
    void restart(
        supervisor& supervisor, const verdict& verdict, member crashed, const std::string& said
    );
    void forfeit(
        supervisor& supervisor, const verdict& verdict, unit_state& crashed, const std::string& said
    );
    void give_up(unit_state& n, std::exception_ptr why, const std::string& said);
    void put(batch& into, unit_state& n);
    void put(batch& into, supervisor& supervisor);
    void take_out(unit_state& n, batch* heir = nullptr);
    void is_down(unit_state& n);
    void drop(batch& batch);
    void replace(unit_state& n, unit_state& replacement);
    void go_on(batch& batch);
    bool would_restart(const unit_state& n, const std::exception_ptr& why);
    void on_crashed(unit_state& n, std::exception_ptr why);
    void on_ended(unit_state& n);
    void stop_for_good(unit_state& n);

    unit_state* find(std::string_view name) const noexcept;

    // tree_report.cpp
    bool heard(const char* name) const;
    void emit(const char* name, const unit_state& n);
    task<void> hear_first(unit_state& n, const char* name);
    std::string hearers(const unit_state& n) const;
    /// How a unit holds up the start or stop of the tree.
    enum class delay {
        none,
        at_work,       ///< its start or stop is under way
        between_starts ///< it has crashed and will start again
    };
    delay delay_by(const unit_state& n) const noexcept;
    struct waited;
    waited find_waited();
    std::vector<std::string> words_of(const unit_state& n, const waited_row& row) const;
    task<std::vector<std::string>> waited_for();
    task<void> report();
};

/// Whether the error is restarts_used_up.
bool is_used_up(const std::exception_ptr& why);
/// Makes an error with `text`, and the error `inside` as its cause.
std::exception_ptr wrapped(const std::string& text, const std::exception_ptr& inside);

} // namespace aio::service
