#include <aio/base/descriptor.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/socket.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <sys/epoll.h>

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
    void batch(int count);
    void run_deferred();
    void post();

    using descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

    poller& self;
    async::loop* home = nullptr;
    asio::any_io_executor executor;
    std::optional<descriptor> set;
    std::vector<registration> known; ///< by descriptor
    std::array<::epoll_event, batch_size> events{};
    std::size_t watched = 0;
    watch* first = nullptr; ///< deferred, in order
    watch* last = nullptr;
    bool armed = false;
    bool posted = false;
    bool running = false;
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
    if (armed || watched == 0)
        return;
    armed = true;
    set->async_wait(
        asio::posix::descriptor_base::wait_read,
        [self = std::weak_ptr(alive)](const boost::system::error_code& failed) {
            if (const auto still = self.lock()) {
                (*still)->armed = false;
                (*still)->run(failed);
            }
        }
    );
}

void poller_state::post() {
    if (posted)
        return;
    posted = true;
    home->post([self = std::weak_ptr(alive)] {
        if (const auto still = self.lock()) {
            (*still)->posted = false;
            (*still)->run({});
        }
    });
}

void poller_state::run(const boost::system::error_code& failed) {
    if (failed || running)
        return arm();

    // An exception out of a handler leaves through the io_context, as Asio's own would.
    struct again {
        poller_state& self;

        ~again() {
            self.running = false;
            if (self.first)
                self.post();
            self.arm();
        }
    } const guard{*this};

    running = true;
    for (int i = 0; i < most_batches; ++i) {
        const int count = ::epoll_wait(set->native_handle(), events.data(), batch_size, 0);
        ++self.turn_;
        if (count <= 0 && !first)
            return;
        home->turn([this, count] {
            batch(count);
            run_deferred();
        });
    }
}

void poller_state::batch(int count) {
    for (int i = 0; i < count; ++i) {
        const std::uint64_t data = events[static_cast<std::size_t>(i)].data.u64;
        const auto& found = known[static_cast<std::uint32_t>(data)];
        if (found.who && found.generation == data >> 32)
            found.who->ready(events[static_cast<std::size_t>(i)].events);
    }
}

void poller_state::run_deferred() {
    watch* one = std::exchange(first, nullptr);
    last = nullptr;
    while (one) {
        watch* next = std::exchange(one->next_, nullptr);
        one->deferred_ = false;
        one->ready(0);
        one = next;
    }
}

asio::execution_context::id poller::id;

poller& poller::of(async::loop& home) {
    auto& found = asio::use_service<poller>(home.context());
    if (!found.state_->set)
        found.state_->attach(home);
    return found;
}

poller::poller(asio::execution_context& loop)
    : service(loop), buffers_(buffer_pool::make()), state_(std::make_unique<poller_state>(*this)) {}

poller::~poller() = default;

void poller::shutdown() {
    state_->alive.reset();
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
    if (::epoll_ctl(state_->set->native_handle(), EPOLL_CTL_ADD, fd, &wanted) != 0)
        fail_to_watch(errno);
    known[index].who = &watcher;
    ++state_->watched;
    if (!state_->running)
        state_->arm();
}

std::error_code poller::modify(int fd, std::uint32_t events) noexcept {
    ::epoll_event wanted{};
    wanted.events = events;
    wanted.data.u64 = token(fd, state_->known[static_cast<std::size_t>(fd)].generation);
    if (::epoll_ctl(state_->set->native_handle(), EPOLL_CTL_MOD, fd, &wanted) != 0)
        return {errno, std::system_category()};
    return {};
}

void poller::remove(int fd, bool keep_open) noexcept {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= state_->known.size() || !state_->known[index].who)
        return; // it was never added
    auto& found = state_->known[index];
    found.who = nullptr;
    ++found.generation;
    if (!state_->set)
        return;
    if (keep_open)
        ::epoll_ctl(state_->set->native_handle(), EPOLL_CTL_DEL, fd, nullptr);
    if (--state_->watched == 0 && state_->armed && !state_->running) {
        boost::system::error_code ignored;
        std::ignore = state_->set->cancel(ignored);
    }
}

void poller::defer(watch& watcher) {
    if (watcher.deferred_)
        return;
    watcher.deferred_ = true;
    (state_->last ? state_->last->next_ : state_->first) = &watcher;
    state_->last = &watcher;
    if (!state_->running)
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
