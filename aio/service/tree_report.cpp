// What a tree tells others: signals about its units, and texts about the units it waits for.

#include <aio/async/sleep.hpp>
#include <aio/service/tree_walk.hpp>
#include <aio/signal/at_work.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <ranges>
#include <string_view>
#include <utility>

namespace aio::service {

using namespace std::chrono_literals;

using texts = std::vector<std::string>;

/// A unit that is waited for, or a unit below it.
struct waited_row {
    std::string name;
    std::size_t above = graph_node::nobody;
    bool answered = false; ///< by its loop
    bool apart = false;    ///< a child on a loop of its own
    texts said;            ///< by the first unit of a loop, for all below it on that loop

    waited_row() = default;

    explicit waited_row(std::string name_) : name(std::move(name_)) {}
};

namespace {

struct waited_view {
    using row = waited_row;

    static void see(const unit&, bool apart, row& seen) { seen.apart = apart; }

    static void look_at(const unit& looked_at, row& seen) {
        if (seen.above == graph_node::nobody)
            seen.said = looked_at.unfinished();
    }

    static void answer(row told, row& seen) {
        seen.answered = true;
        seen.said = std::move(told.said);
    }
};

std::string silence(const std::string& name, std::string_view loop) {
    return fmt::format("{}, whose loop {} does not answer", name, loop);
}

/// The texts of a child on a loop of its own replace the text of its parent about it.
void add_apart(const std::vector<waited_row>& rows, std::size_t child, texts& said) {
    const waited_row& row = rows[child];
    const bool has_more = std::ranges::any_of(rows, [&](const waited_row& other) {
        return other.apart && other.above == child;
    });
    if (row.answered && row.said.empty() && !has_more)
        return;
    std::erase(said, row.name + " has not ended, on a loop of its own");
    if (row.answered)
        said.insert(said.end(), row.said.begin(), row.said.end());
    else
        said.push_back(silence(row.name, row.name)); // the loop has the name of the child
}

} // namespace

std::vector<tree::left_unit> tree::left_units() const {
    std::vector<left_unit> all;
    for (const auto& each : state_->units) {
        if (each->waits || (state_->over(*each) && !each->unfinished))
            continue;
        left_unit& left = all.emplace_back();
        left.name = each->name();
        left.unfinished = each->unfinished;
        if (each->hearing)
            left.awaits = {state_->hearers(*each)};
        else if (each->home == &state_->surroundings.main)
            left.awaits = each->subject->unfinished();
    }
    return all;
}

std::string tree::last_words() const {
    std::string text;
    const auto all = left_units();
    for (const left_unit& left : all | std::views::take(few_left)) {
        text += fmt::format("aio: {} has not ended\n", left.name);
        for (const std::string& name : left.awaits)
            text += fmt::format("aio:     {}\n", name);
    }
    if (all.size() > few_left)
        text += fmt::format("aio: and more, {} in all\n", all.size());
    return text;
}

/// The units to be named, and the ones among them to be asked.
struct tree::state::waited {
    std::vector<unit_state*> units;
    std::vector<waited_row> rows;
    by_loop<family> asked;
};

tree::state::delay tree::state::delay_by(const unit_state& n) const noexcept {
    if (n.waits || n.is_hung() || n.unfinished) // nothing waits for it any more
        return delay::none;
    const bool held_up = stops() ? !over(n) : n.waits_in && n.initial;
    if (n.current == phase::starting || (held_up && n.current == phase::stopping))
        return delay::at_work;
    return held_up && !stops() ? delay::between_starts : delay::none;
}

tree::state::waited tree::state::find_waited() {
    waited found;
    for (std::size_t i = 0; i < units.size() && found.units.size() <= few_left; ++i) {
        unit_state& n = *units[i];
        const delay kind = delay_by(n);
        if (kind == delay::none)
            continue;
        const std::size_t place = found.rows.size();
        waited_row& row = found.rows.emplace_back(n.name());
        found.units.push_back(&n);
        if (n.hearing) {
            row.answered = true;
            row.said = {hearers(n)};
        } else if (kind == delay::at_work) {
            found.asked.add(*n.home, place, family(*n.subject));
        } else {
            row.answered = true;
            row.said = {n.name() + ", which has crashed and will start again"};
        }
    }
    return found;
}

/// What the start or stop of a unit awaits.
texts tree::state::words_of(const unit_state& n, const waited_row& row) const {
    if (!row.answered)
        return {silence(row.name, n.home->name())};
    texts said;
    for (const std::string& text : row.said)
        said.push_back(said_of(row.name, text));
    return said;
}

/// Leaves out the units that have started or stopped while their loops were asked.
task<std::vector<std::string>> tree::state::waited_for() {
    waited found = find_waited();
    co_await look_below<waited_view>(std::move(found.asked), found.rows);
    std::vector<texts> said;
    for (std::size_t i = 0; i < found.units.size(); ++i)
        said.push_back(words_of(*found.units[i], found.rows[i]));
    std::vector<std::size_t> roots;
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        const waited_row& row = found.rows[i];
        roots.push_back(row.above == graph_node::nobody ? i : roots[row.above]);
        if (row.apart)
            add_apart(found.rows, i, said[roots[i]]);
    }
    texts all;
    for (std::size_t i = 0; i < found.units.size(); ++i) {
        const unit_state& n = *found.units[i];
        if (delay_by(n) == delay::none)
            continue;
        if (said[i].empty() && n.current == phase::starting && n.running &&
            n.home == &surroundings.main)
            said[i].push_back(async::describe(*n.running, surroundings.main.now()).text());
        if (said[i].empty())
            said[i].push_back(n.name());
        std::ranges::move(said[i], std::back_inserter(all));
    }
    if (all.size() > few_left) {
        all.resize(few_left);
        all.emplace_back("others");
    }
    co_return all;
}

namespace {

/// Decides in which seconds of a start a text is logged: after 1, 2, 4 … and at last every 60.
/// Pure.
class rarer_texts {
  public:
    /// Takes the texts of this second, and returns those to be logged. A text that was missing in
    /// a second begins anew.
    texts due(const texts& all) {
        std::map<std::string, pace, std::less<>> still;
        texts due;
        for (const std::string& text : all) {
            const std::string_view key = without_duration(text);
            const auto known = seen_.find(key);
            pace now = known == seen_.end() ? pace() : known->second;
            if (++now.seconds == now.next) {
                due.push_back(text);
                now.next += std::min(now.next, most);
            }
            still.insert_or_assign(std::string(key), now);
        }
        seen_ = std::move(still);
        return due;
    }

  private:
    static constexpr std::size_t most = 60;

    struct pace {
        std::size_t seconds = 0, next = 1;
    };

    /// "service/x: start awaits sleep" of "service/x: start awaits sleep for 1.0 s".
    static std::string_view without_duration(std::string_view text) {
        return text.substr(0, text.rfind(" for "));
    }

    std::map<std::string, pace, std::less<>> seen_;
};

} // namespace

/// Logs which units are waited for, and what they await: every second in a stop, which has a
/// deadline, and ever more rarely in a start, which may wait for ever.
task<void> tree::state::report() {
    rarer_texts rarer;
    for (;;) {
        co_await async::sleep(1s);
        if (stops() && tell_left)
            tell_left();
        const texts all = co_await waited_for();
        if (const auto told = co_await boost::asio::this_coro::cancellation_state;
            told.cancelled() != boost::asio::cancellation_type::none)
            co_return; // the start or stop has ended while the loops were asked
        for (const std::string& text : stops() ? all : rarer.due(all))
            surroundings.log.info("Waiting for {}", text);
    }
}

bool tree::state::heard(const char* name) const {
    return surroundings.bus && surroundings.bus->listeners(name) != 0;
}

void tree::state::emit(const char* name, const unit_state& n) {
    if (heard(name))
        surroundings.bus->post(name, std::string(n.name()));
}

/// The listeners that a start or stop waits for: "listeners of service-stopping
/// (my.example.hears)".
std::string tree::state::hearers(const unit_state& n) const {
    const char* const name = n.current == phase::starting ? about_to_start : about_to_stop;
    return signal::listeners_at_work(surroundings.main, name);
}

/// Calls the listeners of the signal for what is about to begin, after everything that was posted
/// before. Their errors are logged.
task<void> tree::state::hear_first(unit_state& n, const char* name) {
    try {
        co_await boost::asio::post(boost::asio::use_awaitable);
        co_await surroundings.bus->emit(name, std::string(n.name()));
    } catch (...) {
    }
    // A cancellation ends this wait only: the stop goes on.
    co_await boost::asio::this_coro::reset_cancellation_state(
        boost::asio::enable_terminal_cancellation()
    );
    n.hearing = false;
}

} // namespace aio::service
