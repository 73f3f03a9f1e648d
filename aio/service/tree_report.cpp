// What others hear of a tree: signals about its units, and who is waited for, in words.

#include <aio/async/ask.hpp>
#include <aio/async/sleep.hpp>
#include <aio/service/tree_state.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace aio::service {

namespace {

using namespace std::chrono_literals;

using texts = std::vector<std::string>;

/// What one loop says of a unit, and the loops its children have for themselves.
struct heard {
    texts said;
    std::vector<branch> below;
};

void gather(const std::vector<const unit*>& children, heard& into) {
    for (const unit* one : children) {
        if (auto apart = one->apart())
            into.below.push_back(std::move(*apart));
        else
            gather(one->children(), into);
    }
}

heard hear(const unit& it) {
    heard out{it.unfinished(), {}};
    gather(it.children(), out);
    return out;
}

heard hear(const branch& it) {
    heard out{it.unfinished ? it.unfinished() : texts{}, {}};
    gather(it.children(), out);
    return out;
}

/// Asks units what they await; a loop that did not answer once is not asked again.
class inquiry {
  public:
    explicit inquiry(const async::loop& main) : main_(main) {}

    /// What a start awaits, or what a stop waits for.
    task<texts> of(node& n) {
        const std::string name = n.name();
        auto told = co_await at(*n.home, [it = n.it.get()](async::loop&) { return hear(*it); });
        if (!told)
            co_return texts{silence(name, *n.home)};
        texts all;
        for (const std::string& text : told->said)
            all.push_back(said_of(name, text));
        co_await below(std::move(told->below), all);
        if (all.empty() && n.at == phase::starting && n.running && n.home == &main_)
            all.push_back(async::describe(*n.running, n.of.in.main.now()).text());
        if (all.empty())
            all.push_back(name);
        co_return all;
    }

  private:
    static std::string silence(const std::string& name, const async::loop& of) {
        return fmt::format("{}, whose loop {} does not answer", name, of.name());
    }

    /// Children on loops of their own say themselves what they await.
    task<void> below(std::vector<branch> left, texts& all) {
        while (!left.empty()) {
            const branch one = std::move(left.back());
            left.pop_back();
            auto told = co_await at(*one.at, [one](async::loop&) { return hear(one); });
            if (told && told->said.empty() && told->below.empty())
                continue;
            std::erase(all, one.at->name() + " has not ended, on a loop of its own");
            if (!told) {
                all.push_back(silence(one.at->name(), *one.at));
                continue;
            }
            std::ranges::move(told->said, std::back_inserter(all));
            std::ranges::move(told->below, std::back_inserter(left));
        }
    }

    template <typename F>
    task<std::optional<heard>> at(async::loop& there, F question) {
        if (&there == &main_)
            co_return question(there);
        if (std::ranges::find(silent_, &there) != silent_.end())
            co_return std::nullopt;
        std::vector<async::loop*> whom{&there};
        auto told = co_await async::ask(std::move(whom), tree::patience, std::move(question));
        if (!told.front())
            silent_.push_back(&there);
        co_return std::move(told.front());
    }

    const async::loop& main_;
    std::vector<const async::loop*> silent_;
};

} // namespace

std::string tree::last_words() const {
    std::string text;
    std::size_t named = 0;
    for (const auto& one : state_->nodes) {
        if (one->waits || state_->over(*one))
            continue;
        if (named++ == few_left) {
            text += fmt::format("aio: and more, {} in all\n", state_->left);
            break;
        }
        text += fmt::format("aio: {} has not ended\n", one->name());
        if (one->home == &state_->in.main)
            for (const std::string& what : one->it->unfinished())
                text += fmt::format("aio:     {}\n", what);
    }
    return text;
}

task<std::vector<std::string>> tree::state::waited_for() {
    texts all;
    inquiry asked(in.main);
    for (std::size_t i = 0; i < nodes.size() && all.size() <= few_left; ++i) {
        node& n = *nodes[i];
        if (n.waits)
            continue;
        const bool held_up = stopping ? !over(n) : n.in && n.initial;
        if (n.at == phase::starting || (held_up && n.at == phase::stopping)) {
            const texts more = co_await asked.of(n);
            all.insert(all.end(), more.begin(), more.end());
        } else if (!stopping && held_up) {
            all.push_back(n.name() + ", which has crashed and will start again");
        }
    }
    if (all.size() > few_left) {
        all.resize(few_left);
        all.emplace_back("others");
    }
    co_return all;
}

/// Every second: who is still waited for and what it awaits.
task<void> tree::state::report() {
    for (;;) {
        co_await async::sleep(1s);
        if (stopping && tell_left)
            tell_left();
        for (const std::string& text : co_await waited_for())
            in.log.info("Waiting for {}", text);
    }
}

bool tree::state::heard(const char* name) const {
    return in.bus && in.bus->listeners(name) != 0;
}

void tree::state::emit(const char* name, const node& n) {
    if (heard(name))
        in.bus->post(name, std::string(n.name()));
}

/// Those who listen for what is about to begin; their errors are in the log. They are called after
/// all that was posted before, and what they do to the cancellation state stays with them.
task<void> tree::state::hear_first(node& n, const char* name) {
    try {
        co_await boost::asio::post(boost::asio::use_awaitable);
        co_await in.bus->emit(name, std::string(n.name()));
    } catch (...) {
    }
    co_await boost::asio::this_coro::reset_cancellation_state(
        boost::asio::enable_terminal_cancellation()
    );
    n.hearing = false;
}

} // namespace aio::service
