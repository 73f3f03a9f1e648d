#pragma once

// What an app holds while it runs. Private to app/.

#include <aio/app/app.hpp>
#include <aio/app/log_at_end.hpp>
#include <aio/app/loop_threads.hpp>
#include <aio/async/event.hpp>
#include <aio/async/standing_call.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/listen/subscriptions.hpp>
#include <aio/log/tree.hpp>
#include <aio/net/dialing.hpp>
#include <aio/service/tree.hpp>
#include <aio/service/unit.hpp>
#include <aio/signal/bus.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::app {

enum class preparation {
    none,
    begun, ///< by prepare(); what the code of modules does is left for finish_preparation()
    complete,
};

/// It may outlive the app.
struct stop_request {
    void make() { made.set(); }

    async::event made; ///< main loop
    async::standing_call<stop_request, &stop_request::make> call{*this};
};

struct app::state {
    explicit state(configuration source);

    configuration from;
    log::tree logs; ///< knows the secrets: what is printed elsewhere goes through shown()
    std::optional<log_at_end> last_lines; ///< from app::write_last_lines() on
    log::logger& own;
    async::loop* main = nullptr;
    loop_threads others;
    std::vector<async::loop*> loops; ///< of [aio] loops, the main one first
    std::unique_ptr<async::worker_pool> workers;
    std::unique_ptr<async::worker_pool> names;        ///< of clients; may be left by their callers
    std::unique_ptr<async::worker_pool> files;        ///< the same, for files of clients
    std::unique_ptr<async::worker_pool> lookups;      ///< the same, for servers and for modules
    std::shared_ptr<net::client_environment> clients; ///< on all loops
    std::unique_ptr<signal::bus> bus;
    std::unique_ptr<listen::subscriptions> listeners;
    std::unique_ptr<service::tree> tree;        ///< everything that runs; from prepare() on
    std::atomic<service::tree*> ready{nullptr}; ///< the same, for other threads
    /// All units of the tree, replacements included, with their loops, in the order of the plan.
    /// nullptr: not made yet.
    std::vector<std::pair<const service::unit*, async::loop*>> units;
    std::shared_ptr<stop_request> asked_to_stop;
    std::atomic<bool> asked{false}; ///< stop_soon() was called
    std::atomic<bool> held{false};  ///< hold() was called: nothing starts
    std::atomic<bool> has_crashed{false};
    std::uint64_t open_files_before = 0;
    preparation prepared = preparation::none;
    std::string not_prepared; ///< why not
    std::atomic<bool> stopping{false};
    std::atomic<bool> has_failed_to_stop{false}; ///< a hook of the stop has thrown
    std::mutex guard;                            ///< of cut_off
    std::string cut_off;                         ///< what the stop had to complete, one per line
    std::optional<outcome> ended;                ///< of the stop, once it is over
    /// Called when the list of what a stop waits for has changed.
    std::function<void(std::string)> who_is_left;
    std::function<void()> stop_asked;    ///< called when `asked` becomes true
    std::function<void()> worker_begins; ///< called on each thread for blocking work
};

/// The loop that `loop = …` of a service means; "own" makes one.
async::loop& home_of(app::state& s, const service::common_spec& spec);

/// app::stop_soon().
void ask_to_stop(app::state& s);

/// start.cpp and stop.cpp: the two paragraphs.
task<void> start_everything(app::state& s);
task<outcome> stop_everything(app::state& s);

/// Notes that the stop has broken a promise: the app ends with outcome::cut_short. `text` is "X was
/// cut off". From any loop; outside a stop it has no effect.
void note_cut_off(app::state& s, std::string_view text);

/// Tells the watchdog what to say if it has to end the process.
void tell_who_is_left(app::state& s);

} // namespace aio::app
