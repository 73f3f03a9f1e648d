#pragma once

// The loops besides the main one, a thread each (under a simulation none, they run along): those of
// `[aio] loops` and those of services that asked for one of their own.

#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace aio::app {

class AIO_API loop_threads {
  public:
    loop_threads() = default;
    loop_threads(const loop_threads&) = delete;
    loop_threads& operator=(const loop_threads&) = delete;
    ~loop_threads(); ///< stops and joins

    /// Loops added later are for the same program as `main`. Before the first one.
    void beside(const async::loop& main) noexcept { main_ = &main; }

    /// A new loop; its thread begins with start().
    async::loop& add(std::string name, std::size_t index);

    /// An exception out of a loop (a bug in user code that was posted there) ends in `failed`, on
    /// the loop's thread; the loop goes on.
    void start(std::function<void(std::exception_ptr)> failed);
    /// Ends the threads; the loops stay. Again is harmless.
    void stop();

    struct one {
        std::unique_ptr<async::loop> loop;
        std::thread thread;
    };

    std::vector<one>& all() noexcept { return all_; }

  private:
    const async::loop* main_ = nullptr;
    std::vector<one> all_;
};

} // namespace aio::app
