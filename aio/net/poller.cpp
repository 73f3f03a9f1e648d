#include <aio/async/operation_memory.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/socket.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

namespace asio = boost::asio;

namespace aio::net {

namespace {

constexpr int batch_size = 128;
// The number of batches before the io_context gets its turn: a busy loop skips the way through it.
constexpr int most_batches = 8;

struct registration {
    watch* who = nullptr;
    std::uint32_t generation = 0;
    bool edges = false; ///< an event is reported once; otherwise as long as it lasts
};

// epoll_ctl has its own meaning of "No space left on device".
[[noreturn]] void fail_to_watch(int number) {
    throw std::system_error(
        number,
        std::system_category(),
        number == ENOSPC ? "epoll_ctl, limit /proc/sys/fs/epoll/max_user_watches" : "epoll_ctl"
    );
}

std::uint64_t token(int fd, std::uint32_t generation) noexcept {
    return (std::uint64_t{generation} << 32) | static_cast<std::uint32_t>(fd);
}

} // namespace

struct poller_state {
    explicit poller_state(poller& poller) : self(poller) {}

    void attach(async::loop& loop);
    void arm();
    void run(const boost::system::error_code& failed);
    void take_batch();
    void work_off();
    registration* watched_as(int fd) noexcept;
    void forget(registration& ended) noexcept;
    void begin_due() noexcept;
    watch& take_due() noexcept;
    void drop_deferred() noexcept;
    int tell_epoll(int operation, int fd, ::epoll_event* wanted) noexcept;
    void post();

    bool in_batch() const noexcept { return position < count; }

    bool has_work() const noexcept { return in_batch() || due || first; }

    bool closed() const noexcept { return !alive; }

    using descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

    poller& self;
    async::loop* home = nullptr;
    asio::any_io_executor executor;
    std::optional<descriptor> set;
    std::vector<registration> known; ///< by descriptor
    std::array<::epoll_event, batch_size> events{};
    std::size_t count = 0;    ///< events of the batch
    std::size_t position = 0; ///< of its next event
    std::size_t watched = 0;
    watch* due = nullptr;   ///< deferred in an earlier turn, in order
    watch* first = nullptr; ///< deferred in this turn, in order
    watch* last = nullptr;
    bool armed = false;
    bool posted = false;
    bool running = false;
    async::operation_memory<1> wait_room, post_room;
    // Handlers may still be in the io_context's queue when the poller is gone.
    std::shared_ptr<poller_state*> alive = std::make_shared<poller_state*>(this);
};

void poller_state::attach(async::loop& loop) {
    base::descriptor made(::epoll_create1(EPOLL_CLOEXEC));
    if (!made)
        throw base::system_failure(errno, "epoll_create1");
    home = &loop;
    executor = loop.executor();
    // The io_context's own executor: one type erasure less for every batch.
    set.emplace(static_cast<asio::io_context&>(loop.context()), made.get());
    std::ignore = made.release();
}

void poller_state::arm() {
    if (armed || watched == 0 || !set)
        return;
    armed = true;
    set->async_wait(
        asio::posix::descriptor_base::wait_read,
        wait_room.bind([self = std::weak_ptr(alive)](const boost::system::error_code& failed) {
            if (const auto still = self.lock()) {
                (*still)->armed = false;
                (*still)->run(failed);
            }
        })
    );
}

void poller_state::post() {
    if (posted || !set)
        return;
    posted = true;
    auto again = [self = std::weak_ptr(alive)] {
        if (const auto still = self.lock()) {
            (*still)->posted = false;
            (*still)->run({});
        }
    };
    // Behind the timers and the other events of the loop: posts to the loop itself may run within
    // one turn of it, which has no end while the connections are busy.
    if (home->simulation())
        home->post(std::move(again));
    else
        asio::post(
            static_cast<asio::io_context&>(home->context()), post_room.bind(std::move(again))
        );
}

// An exception out of a watch leaves through the io_context, as out of a handler of Asio. The next
// run goes on behind that watch: an edge that was taken from epoll does not come again.
void poller_state::run(const boost::system::error_code& failed) {
    if (failed || running)
        return arm();

    struct again {
        poller_state& self;

        ~again() {
            self.running = false;
            if (self.has_work())
                self.post();
            self.arm();
        }
    } const guard{*this};

    running = true;
    for (int i = 0; i < most_batches; ++i) {
        if (!in_batch() && !due)
            take_batch();
        if (!has_work())
            return;
        home->turn([this] { work_off(); });
    }
}

void poller_state::begin_due() noexcept {
    due = std::exchange(first, nullptr);
    last = nullptr;
}

watch& poller_state::take_due() noexcept {
    watch& next = *std::exchange(due, due->next_);
    next.next_ = nullptr;
    next.deferred_ = false;
    return next;
}

void poller_state::drop_deferred() noexcept {
    running = true;
    while (due || first) {
        if (!due)
            begin_due();
        take_due().abandoned(); // may defer others
    }
    running = false;
}

void poller_state::take_batch() {
    const int got = ::epoll_wait(set->native_handle(), events.data(), batch_size, 0);
    count = got > 0 ? static_cast<std::size_t>(got) : 0;
    position = 0;
    ++self.turn_;
}

void poller_state::work_off() {
    while (in_batch()) {
        const ::epoll_event event = events[position++];
        const auto& found = known[static_cast<std::uint32_t>(event.data.u64)];
        if (found.who && found.generation == event.data.u64 >> 32)
            found.who->ready(event.events);
    }
    if (!due)
        begin_due();
    while (due)
        take_due().ready(0);
}

registration* poller_state::watched_as(int fd) noexcept {
    const auto index = static_cast<std::size_t>(fd);
    return index < known.size() && known[index].who ? &known[index] : nullptr;
}

void poller_state::forget(registration& ended) noexcept {
    ended.who = nullptr;
    ++ended.generation;
    if (set && --watched == 0 && armed && !running) {
        boost::system::error_code ignored;
        std::ignore = set->cancel(ignored);
    }
}

// Returns an errno; 0: it is done.
int poller_state::tell_epoll(int operation, int fd, ::epoll_event* wanted) noexcept {
    if (!set)
        return EBADF;
    return ::epoll_ctl(set->native_handle(), operation, fd, wanted) == 0 ? 0 : errno;
}

asio::execution_context::id poller::id;

poller& poller::of(async::loop& home) {
    auto& found = asio::use_service<poller>(home.context());
    if (!found.state_->set && !found.state_->closed())
        found.state_->attach(home);
    return found;
}

poller::poller(asio::execution_context& loop)
    : service(loop), buffers_(buffer_pool::make()), state_(std::make_unique<poller_state>(*this)) {}

poller::~poller() = default;

void poller::shutdown() {
    state_->alive.reset();
    state_->drop_deferred();
    state_->set.reset();
}

void poller::add(int fd, watch& watcher, std::uint32_t events) {
    auto& known = state_->known;
    const auto index = static_cast<std::size_t>(fd);
    if (index >= known.size())
        known.resize(index + index / 2 + 64);
    ::epoll_event wanted{};
    wanted.events = events;
    wanted.data.u64 = token(fd, ++known[index].generation);
    if (const int failed = state_->tell_epoll(EPOLL_CTL_ADD, fd, &wanted))
        fail_to_watch(failed);
    known[index].who = &watcher;
    known[index].edges = (events & EPOLLET) != 0;
    ++state_->watched;
    if (!state_->running)
        state_->arm();
}

std::error_code poller::modify(int fd, std::uint32_t events) noexcept {
    registration* const found = state_->watched_as(fd);
    if (!found)
        return {ENOENT, std::system_category()};
    ::epoll_event wanted{};
    wanted.events = events;
    wanted.data.u64 = token(fd, found->generation);
    if (const int failed = state_->tell_epoll(EPOLL_CTL_MOD, fd, &wanted))
        return {failed, std::system_category()};
    found->edges = (events & EPOLLET) != 0;
    return {};
}

void poller::hand_over(int fd, watch& receiver) noexcept {
    state_->known[static_cast<std::size_t>(fd)].who = &receiver;
}

void poller::remove(int fd) noexcept {
    registration* const found = state_->watched_as(fd);
    if (!found)
        return;
    state_->tell_epoll(EPOLL_CTL_DEL, fd, nullptr);
    state_->forget(*found);
}

// epoll watches an open file, not a number: while a process that a module has forked holds a copy,
// an event that is no edge would be reported for ever.
void poller::close(int fd) noexcept {
    if (registration* const found = state_->watched_as(fd)) {
        if (!found->edges)
            state_->tell_epoll(EPOLL_CTL_DEL, fd, nullptr);
        state_->forget(*found);
    }
    ::close(fd);
}

void poller::defer(watch& watcher) {
    if (watcher.deferred_)
        return;
    watcher.deferred_ = true;
    (state_->last ? state_->last->next_ : state_->first) = &watcher;
    state_->last = &watcher;
    if (state_->running)
        return;
    if (state_->closed())
        state_->drop_deferred();
    else
        state_->post();
}

async::loop& poller::home() const noexcept {
    return *state_->home;
}

const asio::any_io_executor& poller::executor() const noexcept {
    return state_->executor;
}

std::size_t poller::watched() const noexcept {
    return state_->watched;
}

} // namespace aio::net
