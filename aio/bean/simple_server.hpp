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

/// Lifted as aio::simple_server. startup, run, cleanup and on_stop are coroutines of the derived
/// class, called on the loop of the bean. An error of startup, run or cleanup is the error of the
/// bean; later errors are logged.
class AIO_API simple_server {
  public:
    explicit simple_server(const aio::bean::context& context) : context_(context) {}

    simple_server(const simple_server&) = delete;
    simple_server& operator=(const simple_server&) = delete;
    virtual ~simple_server();

    /// Runs the bean once; called by the pod.
    /// Completes: when cleanup has ended.
    /// Loop: the bean's.
    /// Cancelled: startup and run are cancelled; then on_stop, if it runs, and cleanup go on to
    /// their end.
    /// Throws: the first error of startup, run, on_stop or cleanup.
    task<void> operator()();

  protected:
    const aio::bean::context& context() const noexcept { return context_; }

    /// Called first.
    /// Completes: when the derived class has finished; then run() is called.
    /// Loop: the bean's.
    /// Cancelled: by stop(), and with the bean.
    /// Throws: an error is an error of the bean; run() is not called.
    virtual task<void> startup();
    /// Called after startup(), unless stop() was called.
    /// Completes: when the derived class has finished; then the bean ends.
    /// Loop: the bean's.
    /// Cancelled: by stop(), and with the bean.
    /// Throws: an error is an error of the bean.
    virtual task<void> run() = 0;
    /// Called last, also when startup() or run() has failed, and after on_stop() has ended.
    /// Completes: when the derived class has finished; then the bean has ended.
    /// Loop: the bean's.
    /// Cancelled: never.
    /// Throws: an error is an error of the bean.
    virtual task<void> cleanup();
    /// Called for SIGINT and SIGTERM, while startup() and run() go on. By default it calls stop().
    /// Completes: when the derived class has finished; then cleanup() may be called.
    /// Loop: the bean's.
    /// Cancelled: when the bean has used up its stop_timeout.
    /// Throws: an error is an error of the bean, and calls stop().
    virtual task<void> on_stop(signal received);

    /// Cancels startup and run: a wait in them throws, and cleanup follows.
    void stop() noexcept;

    /// Whether startup, run or on_stop has thrown.
    bool has_failed() const noexcept { return why_ != nullptr; }

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
