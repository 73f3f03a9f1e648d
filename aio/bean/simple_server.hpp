#pragma once

// A bean in four parts: startup, run, cleanup, and on_stop when SIGINT or SIGTERM arrives.

#include <aio/async/child.hpp>
#include <aio/async/event.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/bean/context.hpp>

#include <cstddef>
#include <exception>

namespace aio::bean {

/// Lifted as aio::simple_server.
class AIO_API simple_server {
  public:
    explicit simple_server(const aio::bean::context& given) : context_(given) {}

    simple_server(const simple_server&) = delete;
    simple_server& operator=(const simple_server&) = delete;
    virtual ~simple_server();

    /// What the pod calls.
    task<void> operator()();

  protected:
    const aio::bean::context& context() const noexcept { return context_; }

    virtual task<void> startup();
    virtual task<void> run() = 0;
    /// Always, whatever startup and run did; not cancelled. After on_stop, if that was called.
    virtual task<void> cleanup();
    /// Ends the run by stop(), unless it is overridden. An error here stops it, too, and is the
    /// bean's when startup and run had none.
    virtual task<void> on_stop(signal by);

    /// Cancels startup and run: what waits there throws, and cleanup follows.
    void stop() noexcept;

  private:
    struct AIO_API working final : async::child {};

    virtual task<void> stop_by(signal what);
    task<void> hear(signal what);
    task<void> work();
    task<void> end();
    void fail(std::exception_ptr why);

    aio::bean::context context_;
    working working_;
    std::exception_ptr why_;
    std::size_t hearing_ = 0;
    async::event heard_;
    bool stopped_ = false;
};

} // namespace aio::bean
