#pragma once

// The subscriptions of a bus in order, and for each name the list of its listeners. These lists are
// immutable and shared: an emit goes on with the list it began with.

#include <aio/base/api.hpp>
#include <aio/signal/bus.hpp>
#include <aio/signal/counts.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace aio::signal {

/// Compares without ASCII case.
struct folded_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept;
};

struct folded_equal {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const noexcept;
};

/// `*` matches any text; compares without ASCII case.
AIO_API bool matches(std::string_view pattern, std::string_view name) noexcept;

class backlog;

struct record {
    subscription id = 0;
    std::string name; ///< lower case, may hold `*`
    std::shared_ptr<listeners::callee> callee;
    const void* identity = nullptr;
    async::loop* loop = nullptr;
    listen_options options;
    std::atomic<bool> spent{false}; ///< a `once` that has been called
    std::atomic<bool> gone{false};  ///< removed
    const void* from = nullptr;     ///< the only sender it hears; null: all
    std::shared_ptr<backlog> queue; ///< then it is the callee

    /// Whether an emit to a label and from a sender is meant for it. `label` is null for everybody.
    bool hears(const std::string* label, const void* sender) const noexcept {
        return (!label || options.has_label(*label)) && (!from || from == sender);
    }
};

/// What `second` asks for that `first`, of the same function, does not have: "queue". Empty when
/// they ask for the same.
std::string_view difference(const record& first, const record& second) noexcept;

/// The listeners of one name, in order of subscription.
struct audience {
    static constexpr std::uint32_t nothing = static_cast<std::uint32_t>(-1);

    /// The part of a listener that an emit reads; small, because an emit reads it of all listeners.
    struct seat {
        explicit seat(listeners::callee& listener, std::uint32_t result_) noexcept
            : callee(&listener), result(result_), coroutine(listener.start) {
            if (coroutine)
                start = listener.start;
            else
                call = listener.call;
        }

        listeners::callee* callee;

        union {
            listeners::callee::call_function* call;
            listeners::callee::start_function* start;
        };

        std::uint32_t result; ///< its place among the results, or `nothing`
        bool coroutine;       ///< says which of the two functions it has
    };

    std::string name;
    std::vector<seat> seats;
    std::vector<std::shared_ptr<record>> records; ///< one for each seat
    std::uint32_t results = 0;
    std::size_t first_coroutine =
        0; ///< the seat of the first coroutine; their number when there is none
    bool once = false;
    bool strict = false;             ///< of a typed signal: senders and removals count
    const std::string nobody;        ///< the emitter of an emit that names none
    std::vector<async::loop*> loops; ///< distinct

    bool only_on(const async::loop& loop) const noexcept {
        return loops.size() == 1 && loops.front() == &loop;
    }

    /// One has a queue with queue_policy::wait.
    bool queued = false;

    std::shared_ptr<counters> counts;

    /// For `lately` on the home loop: the emits that use it, and those begun since settle().
    mutable std::size_t pins = 0;
    mutable std::uint64_t begun = 0;
    /// Itself, while `lately` has forgotten it and emits still use it.
    mutable std::shared_ptr<const audience> kept;

    void settle() const noexcept {
        counts->emits.fetch_add(begun, std::memory_order_relaxed);
        counts->deliveries.fetch_add(begun * seats.size(), std::memory_order_relaxed);
        begun = 0;
    }
};

/// Not thread-safe.
class AIO_API table {
  public:
    /// Whether an emit that has begun calls a listener that was removed meanwhile.
    enum class calls { also_removed, never_once_removed };

    explicit table(calls how = calls::also_removed) : how_(how) {}

    using records = std::vector<std::shared_ptr<record>>;

    /// This many audiences of names that only patterns hear are kept.
    static constexpr std::size_t most_by_patterns = 256;

    /// The record of the same function on the same name and sender; nullptr when there is none.
    const record* find_same(const record& like) const;
    /// After find_same() has found nothing.
    subscription add(std::shared_ptr<record> added);
    // Removed records are returned, so that the state of a listener is destroyed outside the
    // caller's lock.
    records remove(std::string_view name, const void* identity);
    records remove(subscription id);
    /// Removes the `once` listeners of an audience that were called.
    records sweep(const audience& called);

    /// nullptr when nobody hears it.
    std::shared_ptr<const audience> find(std::string_view name);
    std::vector<std::string> names() const;

    /// What is counted for a name or pattern that has a listener, or is about to get one.
    const std::shared_ptr<counters>& counted(const std::string& name) { return counts_.of(name); }

    /// How many names have counters.
    std::size_t counted_names() const noexcept { return counts_.size(); }

    /// How many audiences of names that only patterns hear are kept now.
    std::size_t kept_by_patterns() const noexcept { return built_by_patterns_.size(); }

    std::vector<signal_statistics> statistics() const;

  private:
    template <typename T>
    using map = std::unordered_map<std::string, T, folded_hash, folded_equal>;
    using in_order = std::map<subscription, std::shared_ptr<record>>;

    /// Functions with an identity, so that those of one name are found together, and those of one
    /// name and sender.
    struct by_function {
        bool operator()(const record* a, const record* b) const noexcept {
            return std::tie(a->identity, a->name, a->from, a->id) <
                   std::tie(b->identity, b->name, b->from, b->id);
        }
    };

    std::shared_ptr<const audience> build(std::string_view name, const in_order* exact);

    map<in_order> exact_;
    in_order patterns_;
    std::set<const record*, by_function> functions_;
    map<std::shared_ptr<const audience>> built_;
    map<std::shared_ptr<const audience>> built_by_patterns_; ///< also those that nobody hears
    std::unordered_map<subscription, std::shared_ptr<record>> by_id_;
    count_book counts_;
    subscription last_ = 0;
    calls how_;
};

} // namespace aio::signal
