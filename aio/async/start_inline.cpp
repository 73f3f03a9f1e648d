#include <aio/async/start_inline.hpp>

#include <boost/asio/this_coro.hpp>

#include <new>
#include <utility>

// Checked with Boost 1.81 and written against what 1.83 has too: awaitable_thread is constructed
// from an entry point frame, moved, launched and detached; its bottom_of_stack_ is protected.

namespace aio::async {

namespace {

namespace asio = boost::asio;
using executor_type = asio::any_io_executor;
using entry_point = asio::detail::awaitable_thread_entry_point;
using entry_awaitable = asio::awaitable<entry_point, executor_type>;
using thread_base = asio::detail::awaitable_thread<executor_type>;
using frame_base = asio::detail::awaitable_frame_base<executor_type>;

constexpr std::size_t most_parked_frames = 256;

} // namespace

// Asio's default filter, which moreover notices when user code puts another in its place.
struct runner::mark {
    explicit mark(runner& of) noexcept : of_(&of) {}

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

struct runner::driver : thread_base {
    driver(entry_awaitable entry, const executor_type& executor, runner& of)
        : thread_base(
              std::move(entry),
              executor,
              of.signal_.slot(),
              asio::cancellation_state(of.signal_.slot(), mark(of), mark(of))
          ) {}

    explicit driver(thread_base&& other) noexcept : thread_base(std::move(other)) {}

    driver(driver&& other) noexcept = default;

    static driver& of(runner& one) noexcept {
        return *std::launder(reinterpret_cast<driver*>(one.thread_));
    }

    void renew(runner& of) {
        this->reset_cancellation_state(mark(of), mark(of));
        this->throw_if_cancelled(true);
        of.replaced_ = false;
        of.cancelled_ = false;
    }

    // Here and now: the base class would post it.
    void destroy() { auto gone = std::move(this->bottom_of_stack_); }

    static entry_awaitable body(runner* self);
};

entry_awaitable runner::driver::body(runner* self) {
    for (;;) {
        for (;;) {
            if (!self->source_->advance())
                break;
            try {
                co_await self->source_->call();
            } catch (...) {
                self->why_ = std::current_exception();
            }
            if (!self->source_) {
                self->end();
                break;
            }
            if (self->why_)
                self->source_->failed(std::exchange(self->why_, nullptr));
            if (self->replaced_ || !co_await asio::this_coro::throw_if_cancelled())
                co_await self->refresh();
        }
        co_await [self](frame_base* frame) -> thread_base* {
            self->settle(*frame->detach_thread());
            return nullptr;
        };
    }
}

// It suspended after it was started, so its keeper hears of its end.
void runner::end() noexcept {
    std::exception_ptr why = std::exchange(why_, nullptr);
    if (keeper_)
        keeper_->ended(*this, std::move(why));
}

void runner::settle(thread_base& frame) noexcept {
    new (thread_) driver(std::move(frame));
    parked_ = true;
    if (!source_) {
        retire();
        park();
    }
}

runner::~runner() {
    if (!parked_)
        return;
    driver& last = driver::of(*this);
    last.destroy();
    last.~driver();
}

runner& runner::take(loop& at) {
    runner_pool& pool = at.runners();
    if (!pool.parked_) {
        pool.all_.push_back(std::unique_ptr<runner>(new runner(at)));
        return *pool.all_.back();
    }
    runner& one = *std::exchange(pool.parked_, pool.parked_->parked_next_);
    --pool.parked_count_;
    return one;
}

// What has been suspended, or named, leaves traces; the rest is put back as it was.
void runner::park() noexcept {
    runner_pool& pool = home().runners();
    if (named_) {
        name.clear();
        owner = {};
        describe = nullptr;
        awaits = nullptr;
        named_ = false;
    }
    if (pool.parked_count_ >= most_parked_frames && parked_) {
        driver& last = driver::of(*this);
        last.destroy();
        last.~driver();
        parked_ = false;
        name.shrink_to_fit();
    }
    ++use_;
    parked_next_ = std::exchange(pool.parked_, this);
    ++pool.parked_count_;
}

void runner::retire() noexcept {
    home().nodes_.remove(*this);
    named_ = true;
}

void runner::call(std::string_view name_, std::string_view owner_) {
    name = name_;
    owner = owner_;
    named_ = true;
}

runner* runner::of(const asio::any_io_executor& executor) noexcept {
    node* one = node::of(executor);
    return one && one->is_runner() ? static_cast<runner*>(one) : nullptr;
}

task<void> runner::refresh() {
    co_await asio::this_coro::reset_cancellation_state(mark(*this), mark(*this));
    co_await asio::this_coro::throw_if_cancelled(true);
    replaced_ = false;
}

bool runner::start(source& from, keeper& to) {
    if (!parked_) {
        new (thread_) driver(driver::body(this), home().executor(*this), *this);
        replaced_ = cancelled_ = false;
    }
    driver& parked = driver::of(*this);
    if (replaced_ || cancelled_ || !parked.throw_if_cancelled())
        parked.renew(*this);
    driver running(std::move(parked));
    parked.~driver();
    parked_ = false;
    source_ = &from;
    keeper_ = &to;
    running.launch();
    source_ = nullptr;
    if (parked_)
        return true;
    home().nodes_.add(*this);
    return false;
}

void runner::cancel(asio::cancellation_type how) {
    cancelled_ = true;
    signal_.emit(how);
}

runner_pool::~runner_pool() = default;

namespace {

struct single final : source {
    explicit single(task<void> only) noexcept : work(std::move(only)) {}

    bool advance() noexcept override { return work.valid(); }

    task<void> call() override { return std::move(work); }

    void failed(std::exception_ptr reason) noexcept override { why = std::move(reason); }

    task<void> work;
    std::exception_ptr why;
};

} // namespace

runner* start_inline(loop& at, task<void> work, keeper& to, std::exception_ptr& why) {
    runner& one = runner::take(at);
    single from(std::move(work));
    if (!one.start(from, to))
        return &one;
    why = std::move(from.why);
    one.park();
    return nullptr;
}

} // namespace aio::async
