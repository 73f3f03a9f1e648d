#include "pod.hpp"

#include "examples.hpp"

namespace examples {

using namespace std::chrono_literals;

numbers::~numbers() {
    context().log().info("the sum is {}", sum_);
}

aio::generator<long long> numbers::produce() {
    for (long long i = 1; i <= context().option<long long>("up_to"); ++i)
        co_yield i;
}

aio::task<void> numbers::consume(long long number) {
    co_await aio::sleep(1ms); // stands for some work
    sum_ += number;
}

aio::task<void> echo_server::on_start() {
    co_await context().send_signal("open", endpoints().front());
}

aio::task<void> echo_server::serve(aio::stream stream) {
    return echo(std::move(stream));
}

aio::task<void> greet(aio::bean_context context) {
    aio::event open;
    const auto number = context.add_signal_handler("open", [&](aio::bean_signal bean_signal) {
        context.log().info("{} is open", bean_signal.data<std::string>());
        open.set();
    });
    context.log().info("hello {}", context.option<std::string>("who"));
    co_await open.wait();
    context.remove_signal_handler(number);
}

} // namespace examples
