#pragma once

// A bean in which one produces and several consume:
//
//     struct flow : aio::producer_consumer<int> {
//         using producer_consumer::producer_consumer;
//         aio::task<void> produce(put to) override { co_await to(1); co_await to(2); }
//         aio::task<void> consume(int item) override;
//     };
//
// The end of the producer drains the queue and ends the consumers. SIGINT and SIGTERM end the
// producer, what is in the queue is still consumed. An error anywhere ends the whole with it.

#include <aio/async/queue.hpp>
#include <aio/async/task.hpp>
#include <aio/async/task_group.hpp>
#include <aio/bean/context.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

namespace aio::bean {

/// Lifted as aio::producer_consumer.
template <typename T>
class producer_consumer {
  public:
    explicit producer_consumer(
        const aio::bean::context& given, std::size_t consumers = 10, std::size_t queue_size = 10
    )
        : context_(given), consumers_(consumers ? consumers : 1), queue_(queue_size) {}

    producer_consumer(const producer_consumer&) = delete;
    producer_consumer& operator=(const producer_consumer&) = delete;
    virtual ~producer_consumer() = default;

    /// What the pod calls.
    task<void> operator()() {
        async::task_group producer(context_.loop(), context_.section(), failing());
        async::task_group consumers(context_.loop(), context_.section(), failing());
        producer_group_ = &producer;
        consumer_group_ = &consumers;
        const auto stop = [&producer] { producer.cancel(); };
        const auto interrupted = context_.add_signal_handler("SIGINT", stop);
        const auto terminated = context_.add_signal_handler("SIGTERM", stop);
        for (std::size_t i = 0; i < consumers_; ++i)
            consumers.spawn("consumer", consume_all());
        producer.spawn("producer", produce(put(*this)));
        try {
            co_await producer.join();
            queue_.close();
            co_await consumers.join();
        } catch (...) {
            fail(std::current_exception()); // this was cancelled
        }
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation(
        ));
        co_await producer.join();
        co_await consumers.join();
        context_.remove_signal_handler(interrupted);
        context_.remove_signal_handler(terminated);
        if (why_)
            std::rethrow_exception(why_);
    }

  protected:
    /// Hands over an item; waits for room. False: nobody takes any more.
    class put {
      public:
        explicit put(producer_consumer& to) : to_(&to) {}

        task<bool> operator()(T item) const { return to_->queue_.push(std::move(item)); }

      private:
        producer_consumer* to_;
    };

    const aio::bean::context& context() const noexcept { return context_; }

    /// One of these two: the producer as a coroutine that hands over, …
    virtual task<void> produce(put to) {
        while (auto item = co_await next())
            if (!co_await to(std::move(*item)))
                break;
    }

    /// … or as a generator, asked for one after the other until there is nothing.
    virtual task<std::optional<T>> next() { co_return std::nullopt; }

    virtual task<void> consume(T item) = 0;

  private:
    async::task_group::error_handler failing() {
        return [this](std::string_view, std::exception_ptr why) { fail(std::move(why)); };
    }

    void fail(std::exception_ptr why) {
        if (!why_)
            why_ = std::move(why);
        queue_.close();
        producer_group_->cancel();
        consumer_group_->cancel();
    }

    task<void> consume_all() {
        while (auto item = co_await queue_.pop())
            co_await consume(std::move(*item));
    }

    aio::bean::context context_;
    std::size_t consumers_;
    async::queue<T> queue_;
    async::task_group* producer_group_ = nullptr;
    async::task_group* consumer_group_ = nullptr;
    std::exception_ptr why_;
};

} // namespace aio::bean
