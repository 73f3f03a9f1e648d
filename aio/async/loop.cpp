#include <aio/async/loop_engine.hpp>
#include <aio/async/loop_executor.hpp>
#include <aio/async/shuffled.hpp>
#include <aio/async/start_inline.hpp>
#include <aio/async/suspend.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/base/system_reason.hpp>

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <new>
#include <optional>

namespace aio::async {

namespace asio = boost::asio;

namespace {

// The number of handlers in a turn before the kernel is asked for events again.
constexpr std::size_t turn_budget = 256;

// The shortest time until a wake-up that is asked of the kernel, so that timers close to each other
// fire together. The kernel's timeouts are as coarse (timer slack).
constexpr auto shortest_wait = std::chrono::microseconds(50);

constinit thread_local loop* loop_here = nullptr;

} // namespace

std::unique_ptr<loop::engine> loop::engine::make() {
    try {
        return std::make_unique<engine>();
    } catch (const boost::system::system_error& e) {
        throw base::system_failure(e.code().value(), "cannot make an event loop (epoll, eventfd)");
    }
}

loop::loop(std::string name, std::size_t index)
    : name_(std::move(name)), index_(index), time_(nullptr), simulated_(nullptr),
      engine_(engine::make()), runners_(std::make_unique<runner_pool>()) {
    time_ = &engine_->clock;
}

loop::loop(std::string name, std::size_t index, virtual_clock& time)
    : name_(std::move(name)), index_(index), time_(&time), simulated_(&time),
      engine_(engine::make()), runners_(std::make_unique<runner_pool>()) {
    if (time.seed() != 0)
        shuffled_ = std::make_unique<shuffled>();
    simulated_->enter(*this);
}

loop::~loop() {
    close();
    engine_.reset();
    drop_all();
}

void loop::close() noexcept {
    home_ = __builtin_thread_pointer();
    if (closing_.exchange(true))
        return;
    if (simulated_)
        simulated_->leave(*this);
    drop_all();
    engine_->io.close();
    drop_all();
}

// Frames that are destroyed here may still post and wake, and may leave work that destroys other
// frames.
void loop::drop_all() noexcept {
    if (shuffled_) // only written then: other threads may post until their owners are gone
        std::exchange(shuffled_, nullptr)->empty_into(ready_);
    for (;;) {
        take_remote();
        if (waiters_) {
            waiters_->abandon();
        } else if (!ready_.empty()) {
            work& entry = ready_.pop();
            entry.act(entry, verdict::drop);
        } else {
            return;
        }
    }
}

loop* loop::here() noexcept {
    return loop_here;
}

loop* loop::exchange_here(loop* next) noexcept {
    return std::exchange(loop_here, next);
}

asio::any_io_executor loop::executor() noexcept {
    return loop_executor(*this);
}

asio::any_io_executor loop::executor(task_node& task) noexcept {
    return loop_executor(*this, &task);
}

asio::execution_context& loop::context() noexcept {
    return engine_->io;
}

loop* loop::of(const asio::any_io_executor& executor) noexcept {
    const auto* ours = executor.target<loop_executor>();
    return ours ? &ours->at() : nullptr;
}

time_point loop::now() noexcept {
    if (!now_known_) {
        now_ = time_->now();
        now_known_ = in_turn_;
    } else {
        now_ = std::max(now_, time_->recent()); // a handler may take its time
    }
    return now_;
}

wall_point loop::date(time_point moment) noexcept {
    if (!since_epoch_known_) {
        since_epoch_ = time_->wall().time_since_epoch() - time_->now().time_since_epoch();
        since_epoch_known_ = in_turn_;
    }
    return wall_point(moment.time_since_epoch() + since_epoch_);
}

struct loop::running_scope {
    explicit running_scope(loop& loop) noexcept
        : of_(loop), before_(loop.home_), here_before_(exchange_here(&loop)) {
        of_.home_ = __builtin_thread_pointer();
        if (of_.simulated_)
            of_.simulated_->rise(of_);
    }

    ~running_scope() {
        of_.home_ = before_;
        exchange_here(here_before_);
        if (of_.simulated_)
            of_.simulated_->rest(of_);
    }

    loop& of_;
    const void* before_;
    loop* here_before_;
};

void loop::run() {
    if (shuffled_) {
        simulated_->run_all(*this);
        return;
    }
    const running_scope scope(*this);
    engine_->io.restart();
    if (simulated_)
        run_virtually();
    else if (!stop_)
        engine_->io.run();
    stop_ = false;
}

std::size_t loop::poll() {
    if (shuffled_)
        return simulated_->run_ready(*this);
    const running_scope scope(*this);
    engine_->io.restart();
    return engine_->io.poll();
}

bool loop::poll_one() {
    if (shuffled_)
        return simulated_->run_ready(*this) != 0;
    const running_scope scope(*this);
    engine_->io.restart();
    return engine_->io.poll_one() != 0;
}

void loop::stop() noexcept {
    stop_ = true;
    engine_->io.stop();
    if (simulated_)
        wake_up();
}

void loop::wake_up() {
    if (!engine_->woken.exchange(true))
        asio::post(engine_->io, engine_->room.wake.bind([this] { engine_->woken = false; }));
}

void loop::submit(work& entry) noexcept {
    if (running_here())
        defer(entry);
    else
        submit_from_elsewhere(entry);
}

void loop::submit_from_elsewhere(work& entry) noexcept {
    if (shuffled_ && simulated_->at_work()) {
        work_queue only;
        only.push(entry);
        shuffled_->add(only, simulated_->at_work());
        return;
    }
    std::unique_lock<std::mutex> still;
    if (simulated_ && !closing_)
        still = simulated_->stir(*this);
    bool call = false;
    {
        const std::lock_guard lock(remote_mutex_);
        remote_.push(entry);
        call = !std::exchange(remote_called_, true);
    }
    if (!call)
        return;
    asio::post(engine_->io, engine_->room.remote.bind([this] {
        {
            const std::lock_guard lock(remote_mutex_);
            remote_called_ = false;
            if (!shuffled_)
                ready_.append(remote_); // also inside a turn that has taken them before
        }
        turn([] {});
    }));
}

bool loop::has_remote() const noexcept {
    const std::lock_guard lock(remote_mutex_);
    return !remote_.empty();
}

void loop::take_remote() noexcept {
    const std::lock_guard lock(remote_mutex_);
    ready_.append(remote_);
}

void loop::defer(work& entry) noexcept {
    ready_.push(entry);
    if (!in_turn_)
        call_later();
}

void loop::forget(work& entry) noexcept {
    if (shuffled_)
        shuffled_->remove(entry);
    if (entry.queued)
        ready_.remove(entry);
}

void loop::call_later() noexcept {
    if (shuffled_) {
        shuffle(this);
        return;
    }
    if (std::exchange(called_, true) || closing_)
        return;
    asio::post(engine_->io, engine_->room.later.bind([this] {
        called_ = false;
        turn([] {});
    }));
}

void loop::end_turn() {
    if (shuffled_) {
        shuffle(this);
        return;
    }
    take_remote();
    std::size_t left = std::max(turn_budget, ready_.size());
    while (!ready_.empty() && left-- > 0) {
        work& entry = ready_.pop();
        entry.act(entry, verdict::run);
    }
    if (!simulated_)
        arm();
}

void loop::add_timer(timer& timer, time_point deadline) {
    if (shuffled_)
        timers_.add(timer, deadline, simulated_->random());
    else
        timers_.add(timer, deadline);
    if (!in_turn_)
        call_later();
}

// Called once per turn: the kernel gets only the earliest deadline, however many timers have
// changed.
void loop::arm() noexcept {
    const time_point next = timers_.next();
    if (next >= armed_)
        return;
    armed_ = next;
    const time_point now = time_->now();
    if (next <= now)
        return fire_soon();
    engine_->timer.expires_at(std::max(next, now + shortest_wait));
    try {
        engine_->timer.async_wait(
            engine_->room.timer.bind([this](const boost::system::error_code& error) {
                if (!error)
                    fire_timers();
            })
        );
    } catch (const std::bad_alloc&) { // many waits were replaced in this turn, and end by the next
        armed_ = never;
        call_later();
    }
}

void loop::fire_soon() noexcept {
    if (std::exchange(firing_, true))
        return;
    asio::post(engine_->io, engine_->room.due.bind([this] {
        firing_ = false;
        fire_timers();
    }));
}

void loop::fire_timers() {
    armed_ = never;
    turn([this] { timers_.fire(time_->now()); });
}

std::vector<task_info> loop::snapshot() {
    std::vector<task_info> all;
    nodes_.each([&](const task_node& task) { all.push_back(describe(task, now())); });
    return all;
}

std::optional<std::chrono::steady_clock::time_point> loop::ask() noexcept {
    using namespace std::chrono;
    const std::int64_t now = steady_clock::now().time_since_epoch().count();
    std::int64_t before = 0;
    if (!asked_.compare_exchange_strong(before, now))
        return steady_clock::time_point(steady_clock::duration(before));
    asio::post(engine_->io, engine_->room.question.bind([this] {
        asked_ = 0;
        answers_.fetch_add(1, std::memory_order_relaxed);
    }));
    return std::nullopt;
}

} // namespace aio::async
