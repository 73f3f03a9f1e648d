#pragma once

// Beans: a producer with consumers, and a server. The sample is etc/pod.conf.

#include <aio/module.hpp>

namespace examples {

/// Adds up the numbers from 1 to `up_to`; several consumers work at a time.
class numbers : public aio::producer_consumer<long long> {
  public:
    using producer_consumer::producer_consumer;
    ~numbers() override;

  private:
    aio::generator<long long> produce() override;
    aio::task<void> consume(long long number) override;

    long long sum_ = 0;
};

/// Sends back what it receives.
class echo_server : public aio::tcp_server {
  public:
    using tcp_server::tcp_server;

  private:
    aio::task<void> on_start() override;
    aio::task<void> serve(aio::stream stream) override;
};

/// Greets `who`, then waits for the signal "open".
aio::task<void> greet(aio::bean_context context);

} // namespace examples
