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
    explicit simple_server(const aio::bean::context& context) : context_(context) {}

    simple_server(const simple_server&) = delete;
    simple_server& operator=(const simple_server&) = delete;
    virtual ~simple_server();

    /// What the pod calls.
    task<void> operator()();

  protected:
    const aio::bean::context& context() const noexcept { return context_; }

    virtual task<void> startup();
    virtual task<void> run() = 0;
    /// Called in any case after startup and run, also when they have failed, and after on_stop when
    /// that was called. It is not cancelled.
    virtual task<void> cleanup();
    /// Called for SIGINT and SIGTERM. Not overridden, it calls stop(). An error in it calls stop(),
    /// too, and becomes the error of the bean when startup and run had none.
    virtual task<void> on_stop(signal received);

    /// Cancels startup and run: a wait in them throws, and cleanup follows.
    void stop() noexcept;

  private:
    struct AIO_API working final : async::child {};

    virtual task<void> stop_by(signal received);
    task<void> hear(signal received);
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
