// What an app is made of whose life a test draws from a seed. It tells the test what happens, at
// once and from any loop, by the function `recorder` among the values of the app.

#include "probe.hpp"

#include <aio/signal/typed.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace probe {

using namespace std::chrono_literals;

namespace {

using recorder = std::function<void(const std::string&)>;
using typed = aio::signal::typed<int, std::string>;

void note(aio::runtime& app, const std::string& what) {
    if (const auto to = app.values().find<recorder>("recorder"))
        (*to)(what);
}

/// Starts slowly, crashes, hangs, and speaks with its peers, as its section says.
class peer final : public aio::service_base {
  public:
    explicit peer(const aio::service_context& given) : failures_(given.option<int>("failures")) {}

    void expect_restart() noexcept override { tell("keep"); }

  private:
    aio::task<void> on_first_start() override {
        context().set("ticked/" + context().name(), ticked_);
        co_return;
    }

    aio::task<void> on_start() override {
        tell("start");
        if (!co_await sleep(time("slow")))
            co_return;
        if (failures_ > 0) {
            --failures_;
            throw std::runtime_error("it fails to start");
        }
        listen();
        if (time("beat") > aio::duration::zero())
            every(time("beat"), [this] { return beat(); });
        if (time("crash_after") > aio::duration::zero())
            spawn("crash", crash_later());
        tell("up");
    }

    aio::task<void> on_stop() override {
        tell("stop");
        connections_.clear();
        if (heard_)
            context().app().signals().unlisten(*heard_);
        heard_.reset();
        co_return;
    }

    aio::task<void> on_shutdown() override {
        struct leaving {
            peer& of;

            ~leaving() { of.tell("down"); }
        } const at_end{*this};

        if (context().option<bool>("stubborn"))
            co_await boost::asio::this_coro::reset_cancellation_state(
                boost::asio::disable_cancellation()
            );
        if (time("hang") > aio::duration::zero())
            co_await aio::sleep(time("hang"));
    }

    /// What is counted belongs to this loop, whoever emits.
    void listen() {
        for (const std::string& name : context().option<aio::list>("peers"))
            if (const auto of =
                    context().app().values().find<std::shared_ptr<typed>>("ticked/" + name))
                connections_.emplace_back((*of)->connect(
                    [this](int n, const std::string&) { ticks_ += n; },
                    aio::signal::connect_options(home())
                ));
        aio::signal::listen_options how(home());
        how.name = context().name();
        how.queue = static_cast<std::size_t>(context().option<int>("queue"));
        const int policy = context().option<int>("policy");
        how.policy = static_cast<aio::signal::queue_policy>(policy);
        heard_ = context().app().signals().listen(
            "said", [this](aio::signal::event) { return hear(); }, how
        );
    }

    aio::task<void> hear() {
        ++said_;
        co_await aio::sleep(time("slow"));
    }

    aio::task<void> beat() {
        co_await ticked_->emit(1, context().name());
        co_await context().app().signals().emit("said", context().name(), context().name());
        context().app().signals().post("murmured", ticks_ + said_);
    }

    aio::task<void> crash_later() {
        co_await aio::sleep(time("crash_after"));
        tell("crash");
        throw std::runtime_error("it crashes");
    }

    void tell(const char* what) { note(context().app(), what + (" " + context().section())); }

    aio::duration time(const char* option) { return context().option<aio::duration>(option); }

    std::shared_ptr<typed> ticked_ = std::make_shared<typed>();
    std::vector<aio::signal::scoped_connection> connections_;
    std::optional<aio::signal::subscription> heard_;
    int failures_;
    int ticks_ = 0;
    int said_ = 0;
};

aio::task<void> brief(aio::bean_context given) {
    note(given.app(), "start " + given.section());
    co_await aio::sleep(given.option<aio::duration>("takes"));
    if (given.option<bool>("raises")) {
        note(given.app(), "crash " + given.section());
        throw std::runtime_error("a bean raised");
    }
    note(given.app(), "over " + given.section());
}

aio::task<void> run_noted(aio::scheduled_event event) {
    note(event.app(), "run " + event.section());
    co_await aio::sleep(1ms);
    note(event.app(), "ran " + event.section());
}

} // namespace

void add_simulated(aio::module_builder& to) {
    to.service<peer>("peer")
        .option("slow", aio::duration(0), "the start, and each event it hears, takes so long")
        .option("failures", 0, "as many starts fail")
        .option("crash_after", aio::duration(0), "a crash so long after each start")
        .option("hang", aio::duration(0), "a stop takes so long")
        .option("stubborn", false, "and is not to be cancelled")
        .option("beat", aio::duration(0), "emits so often")
        .option("peers", aio::list{}, "whose typed signal it hears")
        .option("queue", 0, "of the named one")
        .option("policy", 0, "of the queue");
    to.bean("brief", brief).option("takes", aio::duration(0), "").option("raises", false, "");
    to.schedule("run_noted", run_noted);
}

} // namespace probe
