#pragma once

// The listeners of the configuration on the bus of an app, as long as the app runs.

#include <aio/base/api.hpp>
#include <aio/listen/spec.hpp>
#include <aio/service/context.hpp>
#include <aio/service/runtime.hpp>
#include <aio/signal/bus.hpp>

#include <memory>
#include <string>
#include <vector>

namespace aio::listen {

/// The listeners run on the main loop and have the name of their section as label:
/// `emit_to("hello", …)` reaches those of [listen/hello]. The subscriptions end with this object;
/// until then the contexts of their events stay valid.
class AIO_API subscriptions {
  public:
    explicit subscriptions(service::runtime& runtime) : app_(runtime) {}

    subscriptions(const subscriptions&) = delete;
    subscriptions& operator=(const subscriptions&) = delete;
    ~subscriptions();

    /// In the order of the specs. A function listed twice for a signal is called once, for its
    /// first section; it is labelled by all that name it. check() has found no difference between
    /// them.
    void begin(const std::vector<spec>& all);
    /// May be called twice.
    void end();

  private:
    /// One function that hears one signal, for all sections that name both.
    struct one_call {
        const spec* section; ///< the first that names them
        const subscription* what;
        std::vector<std::string> other_labels; ///< the names of the other sections
    };

    void add(one_call call);

    service::runtime& app_;
    std::vector<signal::subscription> made_;
    std::vector<std::unique_ptr<const service::context_data>> contexts_;
};

} // namespace aio::listen
