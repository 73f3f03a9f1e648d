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
#include <utility>

namespace aio::service {

namespace {

using namespace std::chrono_literals;

using texts = std::vector<std::string>;

/// Asks units what they await; a loop that did not answer once is not asked again.
class inquiry {
  public:
    explicit inquiry(const async::loop& main) : main_(main) {}

    /// What a start awaits, or what a stop waits for.
    task<texts> of(node& n) {
        if (n.at == phase::starting && n.running && n.home == &main_)
            co_return texts{async::describe(*n.running, n.of.in.main.now()).text()};
        const std::string name = n.name();
        const std::string& home = n.home->name();
        const auto told = co_await unfinished(*n.home, *n.it);
        if (!told)
            co_return texts{fmt::format("{}, whose loop {} does not answer", name, home)};
        texts all;
        for (const std::string& text : *told)
            all.push_back(name + ": " + text);
        if (all.empty())
            all.push_back(name);
        co_return all;
    }

  private:
    task<std::optional<texts>> unfinished(async::loop& at, const unit& it) {
        if (&at == &main_)
            co_return it.unfinished();
        if (std::ranges::find(silent_, &at) != silent_.end())
            co_return std::nullopt;
        std::vector<async::loop*> whom{&at};
        auto told = co_await async::ask(std::move(whom), tree::patience, [&it](async::loop&) {
            return it.unfinished();
        });
        if (!told.front())
            silent_.push_back(&at);
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
        if (n.at == phase::starting || (stopping && !over(n) && n.at == phase::stopping)) {
            const texts more = co_await asked.of(n);
            all.insert(all.end(), more.begin(), more.end());
        } else if (!stopping && n.in && n.initial) {
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
