#include <aio/async/aborted.hpp>
#include <aio/async/one_task.hpp>
#include <aio/async/refused_wait.hpp>
#include <aio/async/start_inline.hpp>

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <new>
#include <utility>

// Checked with Boost 1.81; 1.83 has the same parts. What is used of Asio's inside: the entry point
// frame, attach_thread, detach_thread and resume of frames, frame() and bottom_of_stack_ of
// awaitable_handler_base, and that a frame on top of another goes on like an awaited one.

namespace aio::async {

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using executor_type = asio::any_io_executor;
using root_type = asio::detail::awaitable_thread_entry_point;
using entry_awaitable = asio::awaitable<root_type, executor_type>;
using thread_base = asio::detail::awaitable_thread<executor_type>;
using frame_base = asio::detail::awaitable_frame_base<executor_type>;

constexpr std::size_t most_parked_frames = 256;
constexpr std::uint8_t most_refusals = 20;

} // namespace

// The coroutines of a runner go with its entry point, also when that has never been resumed: it
// is a parameter.
struct runner::frames {
    explicit frames(runner& member) noexcept : of(&member), life(member.life_) {}

    frames(frames&& other) noexcept : of(std::exchange(other.of, nullptr)), life(other.life) {}

    frames(const frames& other) = delete;

    ~frames() {
        if (of && of->life_ == life)
            of->lose_coroutine();
    }

    runner* of;
    std::uint8_t life; ///< of the runner's frames
};

// Asio's default filter, which also notices when user code replaces it.
struct runner::mark {
    explicit mark(runner& runner) noexcept : of_(&runner) {}

    mark(mark&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}

    mark(const mark& other) = delete;

    ~mark() {
        if (of_)
            of_->replaced_ = true;
    }

    asio::cancellation_type operator()(asio::cancellation_type type) const noexcept {
        return type & asio::cancellation_type::terminal;
    }

    runner* of_;
};

// A stack of frames that holds only its entry point, which waits for the end of the frame that is
// put on top of it.
struct runner::driver : asio::detail::awaitable_handler_base<executor_type, void> {
    using base = asio::detail::awaitable_handler_base<executor_type, void>;
    using entry_frame = asio::detail::awaitable_frame<root_type, executor_type>;

    driver(entry_awaitable entry, const executor_type& executor, runner& runner)
        : base(
              std::move(entry),
              executor,
              runner.signal_.slot(),
              asio::cancellation_state(runner.signal_.slot(), mark(runner), mark(runner))
          ) {}

    explicit driver(thread_base* other) noexcept : base(other) {}

    // False while another thread object has the frames, and before there are any.
    bool whole() const noexcept { return this->bottom_of_stack_.valid(); }

    static driver& of(runner& member) noexcept {
        return *std::launder(reinterpret_cast<driver*>(member.thread_));
    }

    // Resets it for the next coroutine.
    void renew(runner& runner) {
        this->reset_cancellation_state(mark(runner), mark(runner));
        this->throw_if_cancelled(true);
        runner.replaced_ = false;
        runner.cancelled_ = false;
        runner.refusals_ = 0;
        runner.reminder_.reset();
    }

    // Puts `work` on top of the entry point, as if the entry point had awaited it, and resumes it
    // until it has completed (true) or another thread object has taken over the frames (false).
    bool run(task<void>& work) {
        entry_frame& entry = *this->entry_point();
        entry.attach_thread(this);
        work.await_suspend(std::coroutine_handle<entry_frame>::from_promise(entry));
        const frame_base* const bottom = &entry;
        do {
            this->frame()->resume();
            if (!whole())
                return false;
        } while (this->frame() != bottom);
        return true;
    }

    // Runs it at once: the base class would post it.
    void destroy() { auto gone = std::move(this->bottom_of_stack_); }

    // The entry point: continues whenever the suspended coroutine has completed.
    static entry_awaitable body(frames self) {
        for (;;) {
            self.of->finish();
            co_await [&self](frame_base* frame) -> thread_base* {
                self.of->settle(frame->detach_thread());
                return nullptr;
            };
        }
    }
};

struct runner::reminder final : timer {
    explicit reminder(runner& cancelled) : target(cancelled) { arm(); }

    reminder(const reminder&) = delete;
    reminder& operator=(const reminder&) = delete;

    ~reminder() { target.home().remove_timer(*this); }

    void arm() { target.home().add_timer(*this, later(target.home().now(), pause)); }

    void fire() override {
        pause = std::min<duration>(pause * 2, 5s);
        arm();
        target.signal_.emit(asio::cancellation_type::terminal);
    }

    runner& target;
    duration pause = 100ms;
};

bool runner::refuses_again(std::uint8_t turn) noexcept {
    if (std::exchange(refused_turn_, turn) != turn)
        refusals_ = 0;
    constexpr std::uint8_t most = 250; // of all parts of the coroutine
    if (refusals_ == most)
        return false;
    ++refusals_;
    return true;
}

bool runner::refuses_wait() noexcept {
    loop* const home = loop::here();
    const task_node* const running = home ? home->running_task() : nullptr;
    if (!running || running->kind() != node_kind::run)
        return true;
    auto& self = const_cast<runner&>(static_cast<const runner&>(*running));
    if (!self.cancelled_)
        return self.refuses_again(static_cast<std::uint8_t>(home->turns().count() / 2));
    if (self.refusals_++ < most_refusals)
        return true;
    self.refusals_ = most_refusals;
    try {
        if (!self.reminder_)
            self.reminder_ = std::make_unique<reminder>(self);
    } catch (const std::bad_alloc&) {
        return true;
    }
    return false;
}

bool refuses_wait() noexcept {
    return runner::refuses_wait();
}

void runner::settle(void* frames) noexcept {
    driver::of(*this).~driver();
    new (thread_) driver(static_cast<thread_base*>(frames));
    if (!starting_) {
        home().nodes_.remove(*this);
        park();
    }
}

// A coroutine that completes inside its own initiation is finished by start().
void runner::finish() noexcept {
    if (starting_)
        return;
    if (cancelled_)
        reminder_.reset();
    std::exception_ptr why;
    aborted_ = false;
    try {
        current_.await_resume();
    } catch (const boost::system::system_error& error
    ) { // checked here, because throwing it again is expensive
        aborted_ = error.code() == asio::error::operation_aborted;
        why = std::current_exception();
    } catch (...) {
        why = std::current_exception();
        aborted_ = is_aborted(why);
    }
    if (keeper_)
        keeper_->ended(*this, std::move(why));
}

bool runner::start(source& from, keeper& keeper) {
    const bool named = describe || !name.empty() || !owner.empty();
    const loop::run_of now(home(), named ? this : home().running_task());
    return begin(from, keeper);
}

// Without a name the coroutines are a part of what runs already. This is the way of every listener
// of a signal that is a coroutine: begin() and drive() are inlined, which saves 5 % of an emit.
runner* runner::run(loop& home, source& from, keeper& keeper) {
    runner_pool& pool = home.runners();
    runner& taken = pool.parked_ ? pool.take_parked() : take(home);
    if (!taken.begin(from, keeper))
        return &taken;
    taken.put_back(pool);
    return nullptr;
}

[[gnu::always_inline]] bool runner::begin(source& from, keeper& keeper) {
    refusals_ = 0;
    keeper_ = &keeper;
    starting_ = true;
    const bool over = drive(from);
    starting_ = false;
    if (over)
        return true;
    if (!awaits) // a foreign operation does not note its start
        since = home().now();
    home().nodes_.add(*this);
    return false;
}

[[gnu::always_inline]] bool runner::drive(source& from) {
    while (from.next(current_)) {
        try {
            if (!made_)
                make_frames();
            driver& frames = driver::of(*this);
            if (replaced_ || cancelled_ || !frames.throw_if_cancelled())
                frames.renew(*this);
            if (!frames.run(current_) && !frames.whole())
                return false;
            current_.await_resume();
        } catch (...) {
            forget_lost_frames();
            from.failed(std::current_exception());
        }
        if (from.last_)
            break;
    }
    return true;
}

void runner::make_frames() {
    new (thread_) driver(driver::body(frames(*this)), home().executor(*this), *this);
    made_ = true;
    replaced_ = cancelled_ = false;
}

// An operation of Asio that has no memory to begin throws, and destroys the frames that it has
// taken over, at once or in a later turn. Their coroutine stays where it is.
void runner::forget_lost_frames() noexcept {
    const task<void> gone = std::move(current_); // assigning would not destroy it
    if (made_ && driver::of(*this).whole())
        return;
    ++life_;
    drop_frames();
    signal_.slot().clear();
}

runner::runner(loop& home) noexcept : task_node(home, node_kind::run) {}

runner::~runner() {
    drop_frames();
}

// Whoever cancels it from here on reaches nothing.
void runner::lose_coroutine() noexcept {
    if (starting_)
        return; // forget_lost_frames() follows
    keeper* const told = keeper_;
    let_go();
    signal_.slot().clear();
    reminder_.reset();
    if (told)
        told->dropped(*this);
    const task<void> gone = std::move(current_); // assigning would not destroy it
}

void runner::drop_frames() noexcept {
    if (!made_)
        return;
    keeper_ = nullptr; // its coroutine has ended, or never had one
    driver& last = driver::of(*this);
    if (last.whole())
        last.destroy();
    last.~driver();
    made_ = false;
}

runner& runner::take(loop& loop) {
    runner_pool& pool = loop.runners();
    if (pool.parked_)
        return pool.take_parked();
    pool.all_.push_back(std::unique_ptr<runner>(new runner(loop)));
    return *pool.all_.back();
}

void runner::park() noexcept {
    runner_pool& pool = home().runners();
    if (!name.empty())
        name.clear();
    owner = {};
    describe = nullptr;
    awaits = nullptr;
    put_back(pool);
}

void runner::put_back(runner_pool& pool) noexcept {
    if (reminder_) [[unlikely]]
        reminder_.reset();
    if (pool.parked_count_ >= most_parked_frames) {
        drop_frames();
        name.shrink_to_fit();
    }
    parked_next_ = std::exchange(pool.parked_, this);
    ++pool.parked_count_;
}

void runner::show() noexcept {
    home().nodes_.add(*this);
}

void runner::hide() noexcept {
    home().nodes_.remove(*this);
}

void runner::call(std::string_view name_, std::string_view owner_) {
    name = name_;
    owner = owner_;
}

void runner::disown() noexcept {
    keeper_ = nullptr;
    keep_text();
}

void runner::let_go() noexcept {
    keeper_ = nullptr;
    forget_subject();
}

void runner::cancel(asio::cancellation_type how) {
    if (!std::exchange(cancelled_, true))
        refusals_ = 0;
    signal_.emit(how);
}

runner_pool::~runner_pool() = default;

runner* start_inline(
    loop& home, task<void> work, keeper& owner, std::exception_ptr& why, task_title title
) {
    runner& started = runner::take(home);
    if (!title.name.empty() || !title.owner.empty())
        started.call(title.name, title.owner);
    one_task from(std::move(work));
    if (!started.start(from, owner))
        return &started;
    why = std::move(from.why);
    started.park();
    return nullptr;
}

} // namespace aio::async
