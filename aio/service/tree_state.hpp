#pragma once

// What a tree is inside. Private to service/.

#include <aio/async/event.hpp>
#include <aio/async/start_inline.hpp>
#include <aio/async/task_group.hpp>
#include <aio/service/tree.hpp>

#include <atomic>
#include <deque>
#include <map>
#include <random>

namespace aio::service {

struct batch;
struct node;
struct supervisor;

/// Below a supervisor: a unit or another supervisor.
struct member {
    node* unit = nullptr;
    supervisor* below = nullptr;
};

struct supervisor {
    supervisor_spec spec;
    supervisor* above = nullptr; ///< nullptr: the app
    std::size_t place = 0;       ///< among the members of the one above
    std::vector<member> members; ///< in start order
    restart_window window;
    node* replacement = nullptr; ///< until it has taken a place

    explicit supervisor(supervisor_spec spec_) : spec(std::move(spec_)) {}

    std::string title() const { return "supervisor/" + spec.name; }
};

/// As many are worth naming one by one.
inline constexpr std::size_t few_left = 20;

enum class phase { down, starting, up, stopping };

/// Walks a list of neighbours for one that stands in the way, from where it found the last one: a
/// unit with thousands of neighbours is not to look at all of them each time one has changed.
struct obstacle {
    std::size_t at = 0;

    template <typename Test>
    bool find(const std::vector<node*>& among, Test stands) {
        for (std::size_t looked = 0; looked < among.size(); ++looked, ++at) {
            if (at >= among.size())
                at = 0;
            if (stands(*among[at]))
                return true;
        }
        return false;
    }
};

/// A unit and what is to become of it. As a keeper it hears of the end of its start or stop, as a
/// timer it limits them.
struct node final : async::keeper, async::timer {
    tree::state& of;
    const planned* plan; ///< of its place, whoever has taken it
    async::loop* home;
    std::unique_ptr<unit> it;
    std::vector<std::unique_ptr<unit>> retired; ///< what another has replaced
    node* acts_in = nullptr;                    ///< of a replacement that has taken a place: whose
    supervisor* by = nullptr;
    std::size_t place = 0; ///< among the members of its supervisor

    std::vector<node*> depends;
    std::vector<node*> dependents;
    obstacle before;
    obstacle after;

    phase at = phase::down;
    bool wanted = false;
    bool queued = false;   ///< to be looked at
    bool bridge = false;   ///< in a stop: goes no more itself, but a dependent does, however far
    bool counted = false;  ///< among the active
    bool initial = false;  ///< the start of the tree waits for it
    bool waits = false;    ///< a replacement that has not been needed yet
    bool prepared = true;  ///< prepare() was called
    bool kept = false;     ///< down, but has what prepare() took
    bool quiet = false;    ///< is down already, gives back only what it has kept
    bool finished = false; ///< ended by itself
    bool ending = false;   ///< has ended, while it was starting
    bool given_up = false;
    bool again = false;     ///< its next start is a restart
    bool replaces = false;  ///< its next start is the first of a replacement
    bool late = false;      ///< has not become ready in time
    bool cancelled = false; ///< what is under way
    bool hearing = false;   ///< those who listen for its start or stop hear of it first
    bool untouched = false; ///< its start was given up before it began
    bool hung = false;      ///< has not ended in its time: nobody waits for it any more
    bool unfinished = false;
    batch* in = nullptr;              ///< waits to be started again
    async::runner* running = nullptr; ///< its start or stop, when suspended
    std::exception_ptr error;
    std::optional<async::time_point> up_since;
    std::uint64_t starts = 0, crashes = 0, restarts = 0;

    node(tree::state& of_, const planned& plan_, async::loop& home_, std::unique_ptr<unit> it_)
        : of(of_), plan(&plan_), home(&home_), it(std::move(it_)) {}

    ~node();

    const std::string& name() const noexcept { return it->name(); }

    void ended(async::runner& by, std::exception_ptr why) noexcept override;
    void fire() override;
};

/// Those that start again together, when all of them are down and the back-off is over.
struct batch final : async::timer {
    tree::state& of;
    std::size_t seat = 0; ///< in the list of all
    std::vector<node*> whom;
    std::size_t count = 0; ///< of `whom`, those that were not taken out
    std::size_t left = 0;  ///< of these, not down yet
    async::time_point not_before;
    node* replaced = nullptr;    ///< gives its place away
    node* replacement = nullptr; ///< to this one

    explicit batch(tree::state& of_) : of(of_) {}

    ~batch();
    void fire() override;
};

/// What pump() has left for another turn: a timer that is due, so that others that are due and the
/// kernel's news come in between.
struct rest_of_pump final : async::timer {
    tree::state& of;

    explicit rest_of_pump(tree::state& of_) : of(of_) {}

    ~rest_of_pump();
    void fire() override;
};

struct tree::state final : std::enable_shared_from_this<tree::state> {
    tree_surroundings in;
    std::vector<std::unique_ptr<supervisor>> supervisors; ///< those of sections first
    std::size_t named = 0;                                ///< as many
    std::vector<std::unique_ptr<node>> nodes;             ///< in start order
    std::map<std::string, node*, std::less<>> by_name;    ///< not changed once anything runs
    std::vector<std::unique_ptr<batch>> batches;
    std::minstd_rand random;

    std::deque<node*> queue;
    bool pumping = false;
    rest_of_pump rest{*this};
    bool begun = false;
    std::atomic<bool> held = false; ///< a stop is to come: nothing starts
    bool cut_short = false;         ///< by that, while not everything had started
    bool stopping = false;
    bool failed = false; ///< something was given up
    bool lost = false;   ///< something was forfeited, or has crashed in the stop
    bool told_finished = false;
    std::size_t active = 0;            ///< wanted, or not down
    std::size_t initial_left = 0;      ///< of those the start waits for
    std::size_t enders = 0;            ///< that end by themselves
    std::size_t others = 0;            ///< that are there to be stopped
    std::size_t left = 0;              ///< while stopping
    std::atomic<std::size_t> news = 0; ///< crashes and ends that were told, and not heard yet
    std::string start_failure;
    async::event started; ///< or failed to
    async::event stopped;
    stop_deadlines limits;
    std::function<void()> tell_left;
    async::task_group reports;

    state(tree_surroundings in_, std::span<const supervisor_spec> specs);
    ~state();

    // tree_step.cpp: one step at a time towards what is wanted
    void want(node& n, bool up);
    void touch(node& n);
    void touch_depends(node& n);
    void touch_dependents(node& n);
    void watch_dependents(node& n);
    void pump();
    void step(node& n);
    void begin_start(node& n);
    void start_over(node& n, std::exception_ptr why);
    void cancel(node& n);
    void begin_stop(node& n);
    void stop_over(node& n, std::exception_ptr why);
    void account(node& n);

    // tree_time.cpp: what it may take
    async::time_point halfway() const;
    async::time_point patience(const node& n) const;
    async::time_point last_patience(const node& n) const;
    void limit(node& n, async::time_point until);
    void limit_in_stop(node& n);
    void out_of_time(node& n);
    void leave_unfinished(node& n);

    // tree_crash.cpp: what a crash leads to
    void crash(node& n, std::exception_ptr why, const std::string& said);
    verdict ask(supervisor& by, std::size_t place, bool passed, const node& n);
    void judge(node& n, std::exception_ptr why, std::string said);
    void restart(supervisor& by, const verdict& what, member who, const std::string& said);
    void forfeit(supervisor& by, const verdict& what, node& crashed, const std::string& said);
    void give_up(node& n, std::exception_ptr why, const std::string& said);
    void put(batch& into, node& n);
    void put(batch& into, supervisor& one);
    void take_out(node& n, batch* heir = nullptr);
    void is_down(node& n);
    void drop(batch& one);
    void replace(node& n, node& with);
    void go_on(batch& one);
    bool would_restart(const node& n, const std::exception_ptr& why);
    void on_crashed(node& n, std::exception_ptr why);
    void on_ended(node& n);
    void stop_for_good(node& n);

    node* find(std::string_view name) const noexcept;
    bool over(const node& n) const noexcept;

    // tree_report.cpp
    bool heard(const char* name) const;
    void emit(const char* name, const node& n);
    task<void> hear_first(node& n, const char* name);
    task<std::vector<std::string>> waited_for();
    task<void> report();
};

/// Whether its supervisor has started it again as often as it may: see restarts_used_up.
bool is_used_up(const std::exception_ptr& why);
/// An error that says `text` and came from `inside`.
std::exception_ptr wrapped(const std::string& text, const std::exception_ptr& inside);

} // namespace aio::service
