// Calls into a service: like its tasks they belong to it, and end with it.

#include <aio/async/aborted.hpp>
#include <aio/async/hop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_node.hpp>
#include <aio/service/service_inside.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

#include <stdexcept>

namespace aio::service {

namespace asio = boost::asio;

service::inside::calling::~calling() {
    unlink();
    if (owner.calls.empty())
        owner.calls_over.set();
}

task<void> service::inside::calling::note(task<void> what) {
    async::task_node* mine = async::task_node::of(co_await asio::this_coro::executor);
    if (mine->name.empty())
        mine->name = "a call";
    else if (!mine->name.starts_with("a call")) // as the one that carries it over is named
        mine->name = "a call from " + mine->name;
    mine->owner = owner.self.name();
    at_work = mine;
    // No destructor clears it: a loop that is closed may destroy this frame after its owner.
    try {
        co_await std::move(what);
    } catch (...) {
        at_work = nullptr;
        throw;
    }
    at_work = nullptr;
}

namespace {

/// The task that carries a call over from another loop has no owner. During the call it is shown as
/// a task of the service that is called.
struct working_for {
    async::task_node* carrier;

    working_for(async::task_node* task, const std::string& text)
        : carrier(task && task->owner.empty() ? task : nullptr) {
        if (carrier)
            carrier->owner = text;
    }

    working_for(const working_for&) = delete;
    working_for& operator=(const working_for&) = delete;

    ~working_for() {
        if (carrier)
            carrier->owner = {};
    }
};

} // namespace

std::shared_ptr<async::loop> service::home_to_call() const {
    if (auto there = shared_home())
        return there;
    const inside& own = *inside_;
    const std::string whose = own.parent       ? own.parent->name() + "/" + own.name
                              : name().empty() ? "a service"
                                               : name();
    throw std::logic_error(fmt::format(
        "{} cannot be called: {}",
        whose,
        own.parent || name().empty() ? "it has not started yet" : "it has been removed"
    ));
}

task<void> service::run_call(std::weak_ptr<inside> target, task<void> work) {
    const std::shared_ptr<inside> own = target.lock();
    if (!own)
        throw std::logic_error("a service cannot be called: it has been removed");
    if (own->removed)
        throw std::logic_error(own->self.name() + " cannot be called: it has been removed");
    if (own->lives == 0)
        throw std::logic_error(own->self.name() + " cannot be called: it has not started yet");
    if (own->takes_no_more()) {
        co_await async::sleep(base::duration::zero()
        ); // so that a caller in an endless loop lets others run
        own->throw_stopped();
    }
    const working_for whom(
        async::task_node::of(co_await asio::this_coro::executor), own->self.name()
    );
    inside::calling calling(*own);
    try {
        co_await calling.run(calling.note(std::move(work)), "a call");
        co_return;
    } catch (...) {
        if (!calling.ended_early || !async::is_aborted(std::current_exception()))
            throw;
    }
    own->throw_stopped();
}

void service::inside::throw_stopped() const {
    throw call_ended(self.name(), intake_over);
}

/// A stop waits for the last call, or is forced.
bool service::inside::takes_no_more() const noexcept {
    return ending_calls != 0 || (alive() && forced);
}

// From the last to the first. What is met goes to the front, so that calls that end meanwhile, or
// begin, are no matter.
void service::inside::cancel_calls() {
    const std::uint64_t round = ++cancellations;
    while (!calls.empty() && calls.back().cancelled_in != round) {
        calling& last = calls.back();
        calls.splice(calls.begin(), calls, calls.iterator_to(last));
        last.cancelled_in = round;
        last.ended_early = true;
        last.cancel(asio::cancellation_type::terminal);
    }
}

task<void> service::inside::end_calls() {
    struct door {
        std::size_t& shut;

        explicit door(std::size_t& index) : shut(index) { ++shut; }

        ~door() { --shut; }
    } const closed(ending_calls); // new calls would keep the stop waiting

    while (!calls.empty()) {
        cancel_calls();
        if (calls.empty())
            break;
        calls_over.reset();
        co_await calls_over.wait("the end of calls");
    }
}

/// For a stopped service and all below it, each on its loop: afterwards they may be destroyed.
task<void> service::inside::take_no_calls(std::shared_ptr<inside> target) {
    const std::shared_ptr<async::loop> there = target->apart ? target->own : nullptr;
    if (target->apart && !there)
        co_return;
    const auto all_of_it = [](std::shared_ptr<inside> target) -> task<void> {
        target->removed = true;
        co_await target->end_calls();
        for (std::size_t i = 0; i < target->children.size(); ++i)
            co_await take_no_calls(target->children[i]->inside_);
    };
    if (there)
        co_await async::on(*there, [&] { return all_of_it(target); });
    else
        co_await all_of_it(target);
}

/// Whether it, or a service above it, was told to stop.
bool service::inside::is_ending() const noexcept {
    for (const inside* target = this;; target = target->parent->inside_.get()) {
        if (target->asked())
            return true;
        if (!target->parent)
            return false;
    }
}

/// Whether a service above it has stopped or will stop: that stop may have passed this service
/// already. A crash on another loop is noticed by the stop that follows it.
bool service::inside::is_ending_above() const noexcept {
    bool here = true;
    for (const inside* target = this; target->parent;) {
        here = here && !target->apart;
        target = target->parent->inside_.get();
        if (target->asked() || (here && target->why))
            return true;
    }
    return false;
}

std::vector<std::string> service::inside::calls_at_work() const {
    std::vector<std::string> all;
    for (const calling& each : calls)
        if (each.at_work)
            all.push_back(async::describe(*each.at_work, home->now()).text());
    return all;
}

} // namespace aio::service
