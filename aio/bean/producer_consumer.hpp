#pragma once

// A bean with one producer and several consumers:
//
//     struct flow : aio::producer_consumer<int> {
//         using producer_consumer::producer_consumer;
//         aio::generator<int> produce() override { co_yield 1; co_yield 2; }
//         aio::task<void> consume(int item) override;
//     };
//
// When the producer ends, the consumers empty the queue and end. SIGINT and SIGTERM end the
// producer where it waits; the items that it has yielded are still consumed. An error of any part
// ends the bean with this error; later errors are logged.

#include <aio/async/aborted.hpp>
#include <aio/async/child.hpp>
#include <aio/async/generator.hpp>
#include <aio/async/queue.hpp>
#include <aio/async/task.hpp>
#include <aio/async/task_group.hpp>
#include <aio/base/exception.hpp>
#include <aio/bean/context.hpp>
#include <aio/bean/number.hpp>
#include <aio/log/logger.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

namespace aio::bean {

/// Lifted as aio::producer_consumer. `consumers` and `queue_size` are arguments of its section; the
/// constructor gives their defaults.
template <typename T>
class producer_consumer {
  public:
    explicit producer_consumer(
        const aio::bean::context& context, std::size_t consumers = 10, std::size_t queue_size = 10
    )
        : context_(context),
          consumers_(number_of(context, "consumers", consumers, consumers_range)),
          queue_(number_of(context, "queue_size", queue_size, queue_size_range)) {}

    producer_consumer(const producer_consumer&) = delete;
    producer_consumer& operator=(const producer_consumer&) = delete;
    virtual ~producer_consumer() = default;

    /// Declares the options of its section, for the registration.
    static void declare_options(config::schema& schema) { declare_flow(schema); }

    /// Runs the bean once; called by the pod.
    /// Completes: when the producer and all consumers have ended.
    /// Loop: the bean's.
    /// Cancelled: the producer and the consumers are cancelled and waited for.
    /// Throws: the first error of any part.
    task<void> operator()() {
        async::task_group group(
            context_.loop(),
            context_.section(),
            [this](std::string_view, std::exception_ptr why) { fail(std::move(why)); }
        );
        group_ = &group;
        const auto stop = [this] { stop_producing(); };
        const auto interrupted = context_.add_signal_handler("SIGINT", stop);
        const auto terminated = context_.add_signal_handler("SIGTERM", stop);
        for (std::size_t i = 0; i < consumers_; ++i)
            group.spawn("consumer", consume_all());
        group.spawn("producer", produce_all());
        try {
            co_await group.join();
        } catch (...) {
            fail(std::current_exception()); // this was cancelled
        }
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation(
        ));
        co_await group.join();
        context_.remove_signal_handler(interrupted);
        context_.remove_signal_handler(terminated);
        if (why_)
            std::rethrow_exception(why_);
    }

  protected:
    const aio::bean::context& context() const noexcept { return context_; }

    /// Produces the items. It is asked for the next item when the item before it is in the queue.
    /// Completes: when the derived class has finished; then the consumers empty the queue and end.
    /// Loop: the bean's.
    /// Cancelled: where it waits, by SIGINT or SIGTERM, with the bean, or when another part has
    /// failed.
    /// Throws: an error is an error of the bean, and cancels the consumers.
    virtual async::generator<T> produce() = 0;

    /// Handles one item. Several calls run at the same time, one for each consumer.
    /// Completes: when the derived class has finished; the consumer then takes the next item.
    /// Loop: the bean's.
    /// Cancelled: with the bean, or when another part has failed.
    /// Throws: an error is an error of the bean, and cancels the other parts.
    virtual task<void> consume(T item) = 0;

  private:
    struct asking final : async::child {};

    void fail(std::exception_ptr why) {
        if (why_)
            context_.log().error(
                "Bean({}) failed, too: {}", context_.name(), base::message_of(why)
            );
        else
            why_ = std::move(why);
        queue_.close();
        group_->cancel();
    }

    void stop_producing() {
        stopped_ = true;
        asking_.cancel(boost::asio::cancellation_type::terminal);
    }

    // A stop cancels only the wait for an item: an item that waits for room is not lost.
    task<void> produce_all() {
        async::generator<T> items = produce();
        bool more = true;
        while (more && !stopped_) {
            std::optional<T> item;
            co_await asking_.run(next_of(items, item), "the producer");
            more = item && co_await queue_.push(std::move(*item));
        }
        queue_.close();
    }

    task<void> next_of(async::generator<T>& items, std::optional<T>& into) {
        try {
            into = co_await items.next();
        } catch (...) {
            if (!stopped_ || !async::is_aborted(std::current_exception()))
                throw;
        }
    }

    task<void> consume_all() {
        while (auto item = co_await queue_.pop())
            co_await consume(std::move(*item));
    }

    aio::bean::context context_;
    std::size_t consumers_;
    async::queue<T> queue_;
    async::task_group* group_ = nullptr;
    asking asking_;
    std::exception_ptr why_;
    bool stopped_ = false;
};

} // namespace aio::bean
