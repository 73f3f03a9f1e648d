#pragma once

// The readiness of descriptors on one loop: a separate epoll set, which the io_context watches
// through a public stream_descriptor. Compared with Asio's sockets, a silent connection needs a
// tenth of the memory, and an inline send does not cause a failing receive.

#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>
#include <aio/net/buffer_pool.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>

#include <cstdint>
#include <memory>
#include <system_error>

namespace aio::net {

/// One watched descriptor. It outlives its registration and its place in the deferred queue.
class watch {
  public:
    watch() = default;
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;

  protected:
    ~watch() = default;

    bool deferred() const noexcept { return deferred_; }

  private:
    friend class poller;
    friend struct poller_state;
    friend class wire;
    friend class listener;

    /// Called with `events` of epoll, or with 0 in the turn that defer() asked for. It may add,
    /// remove and defer any watch, including this one. An exception leaves through the loop; the
    /// events and turns of the other watches come after it.
    virtual void ready(std::uint32_t events) = 0;

    /// The loop was closed before the turn that defer() asked for, or before defer(). May destroy
    /// this.
    virtual void abandoned() noexcept {}

    watch* next_ = nullptr;
    bool deferred_ = false;
};

struct poller_state;

/// All members are called on the loop's thread. A watch ends with remove() or close(), before the
/// descriptor is closed in any other way. The number may be used again at once: events of an ended
/// watch are ignored, also within one batch.
class AIO_API poller : public boost::asio::execution_context::service {
  public:
    static boost::asio::execution_context::id id;

    /// The poller of a loop, made at the first call.
    static poller& of(async::loop& home);

    explicit poller(boost::asio::execution_context& loop);
    ~poller() override;

    /// Watches a descriptor; `events` are epoll's. The loop runs as long as something is watched.
    /// Throws std::system_error; EBADF once the loop was closed.
    void add(int fd, watch& watcher, std::uint32_t events);
    /// Changes the events of a watched descriptor. Returns the system's error, such as ENOMEM;
    /// EBADF once the loop was closed.
    std::error_code modify(int fd, std::uint32_t events) noexcept;
    /// The events of a descriptor go to another watch from now on, also those that the system has
    /// reported and nobody was told yet. The system does not notice. Precondition: it is watched.
    void hand_over(int fd, watch& receiver) noexcept;
    /// Ends the watch of a descriptor, if there is one. The descriptor stays open.
    void remove(int fd) noexcept;
    /// Ends the watch of a descriptor, if there is one, and closes the descriptor. Cheaper than
    /// remove() where all events are edges: the system then ends the watch with the descriptor, and
    /// a copy of it in another process reports little.
    void close(int fd) noexcept;
    /// Calls ready(0) once, after all other watches had their turn. Once the loop was closed, there
    /// are no turns: it calls abandoned().
    void defer(watch& watcher);

    /// Changes with each batch of events; a budget counts within one batch.
    std::uint32_t turn() const noexcept { return turn_; }

    buffer_pool& buffers() noexcept { return *buffers_; }

    async::loop& home() const noexcept;
    const boost::asio::any_io_executor& executor() const noexcept;
    std::size_t watched() const noexcept;

  private:
    friend struct poller_state;
    void shutdown() override;

    std::uint32_t turn_ = 1;
    buffer_pool::owner buffers_;
    std::unique_ptr<poller_state> state_;
};

} // namespace aio::net
