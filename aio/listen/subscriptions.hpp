#pragma once

// The listeners of the configuration on the bus of an app, as long as the app runs.

#include <aio/base/api.hpp>
#include <aio/listen/spec.hpp>
#include <aio/service/runtime.hpp>
#include <aio/signal/bus.hpp>

#include <vector>

namespace aio::listen {

/// They run on the main loop. Ends the subscriptions when destroyed.
class AIO_API subscriptions {
  public:
    explicit subscriptions(service::runtime& of) : app_(of) {}
    subscriptions(const subscriptions&) = delete;
    subscriptions& operator=(const subscriptions&) = delete;
    ~subscriptions();

    /// In the order of the specs; a function listed twice for a signal is once.
    void begin(const std::vector<spec>& all);
    /// Again is harmless.
    void end();

  private:
    service::runtime& app_;
    std::vector<signal::subscription> made_;
};

} // namespace aio::listen
