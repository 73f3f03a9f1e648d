#pragma once

// The loops besides the main one, each with a thread (under a simulation without one): those of
// `[aio] loops`, those of sections with `loop = own`, and those that services open while the app
// runs.

#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace aio::app {

/// For use on the main loop's thread.
class AIO_API loop_threads {
  public:
    using watcher = std::function<void(async::loop&, pthread_t)>;

    loop_threads();
    loop_threads(const loop_threads&) = delete;
    loop_threads& operator=(const loop_threads&) = delete;
    ~loop_threads(); ///< stops and joins

    /// Loops added later are for the same program as `main`. Before the first one.
    void beside(async::loop& main) noexcept { main_ = &main; }

    /// A new loop; its thread begins with start().
    async::loop& add(std::string name, std::size_t index);

    /// Begins the threads. An exception out of a loop (a bug in user code that was posted there)
    /// goes to `failed`, on the loop's thread; the loop goes on.
    void start(std::function<void(std::exception_ptr)> failed);

    /// Opens one more loop with its thread, between start() and stop(). When the last copy of the
    /// handle is destroyed, on any thread, the thread is joined and the loop is destroyed.
    std::shared_ptr<async::loop> open(std::string name);

    /// Ends the threads; the loops stay. A second call does nothing.
    void stop();

    /// Destroys the coroutines on the loops; the loops stay, because other threads may still post
    /// to them. After stop().
    void close() noexcept;

    /// `came` is called with every loop that has a thread, now and later; `goes` before the thread
    /// ends.
    void watch(watcher came, watcher goes);

    /// The loops that run. Each lives at least as long as its handle here.
    std::vector<std::shared_ptr<async::loop>> all() const;

    std::size_t size() const noexcept { return all_.size(); }

  private:
    struct loop_entry {
        std::unique_ptr<async::loop> loop;
        std::thread thread;
        std::unique_ptr<std::atomic<bool>> ends = std::make_unique<std::atomic<bool>>(false);
        std::weak_ptr<async::loop> handle; ///< of a loop from open()
        bool opened = false;
    };

    struct way_back;

    void run(loop_entry& each);
    void end(loop_entry& each);
    void close(async::loop& which);

    async::loop* main_ = nullptr;
    std::function<void(std::exception_ptr)> failed_;
    std::vector<loop_entry> all_;
    std::size_t next_index_ = 1;
    std::shared_ptr<way_back> back_;
    watcher came_;
    watcher goes_;
};

} // namespace aio::app
