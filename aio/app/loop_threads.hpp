#pragma once

// The loops besides the main one, a thread each (under a simulation none, they run along): those of
// `[aio] loops`, those of sections that asked for one of their own, and those that services open
// while the app runs.

#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>

#include <pthread.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace aio::app {

/// Main loop's thread only.
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

    /// An exception out of a loop (a bug in user code that was posted there) ends in `failed`, on
    /// the loop's thread; the loop goes on.
    void start(std::function<void(std::exception_ptr)> failed);

    /// One more, between start() and stop(), with its thread. When nobody has it any more, its
    /// thread is joined and the loop goes. The last one may let go of it on any thread.
    std::shared_ptr<async::loop> open(std::string name);

    /// Ends the threads; the loops stay. Again is harmless.
    void stop();

    /// `came` is told of every thread that runs, now and later, `goes` before it ends.
    void watch(watcher came, watcher goes);

    /// Those that run; each is kept while the caller has it.
    std::vector<std::shared_ptr<async::loop>> all() const;

    std::size_t size() const noexcept { return all_.size(); }

  private:
    struct one {
        std::unique_ptr<async::loop> loop;
        std::thread thread;
        std::weak_ptr<async::loop> handle; ///< of one that was opened
        bool opened = false;
    };

    struct way_back;

    void run(one& each);
    void end(one& each);
    void close(async::loop& which);

    async::loop* main_ = nullptr;
    std::function<void(std::exception_ptr)> failed_;
    std::vector<one> all_;
    std::size_t next_index_ = 1;
    std::shared_ptr<way_back> back_;
    watcher came_;
    watcher goes_;
};

} // namespace aio::app
