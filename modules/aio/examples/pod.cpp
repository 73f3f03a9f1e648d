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

aio::task<void> greet(aio::bean_context given) {
    aio::event open;
    const auto number = given.add_signal_handler("open", [&](aio::bean_signal with) {
        given.log().info("{} is open", with.data<std::string>());
        open.set();
    });
    given.log().info("hello {}", given.option<std::string>("who"));
    co_await open.wait();
    given.remove_signal_handler(number);
}

} // namespace examples
