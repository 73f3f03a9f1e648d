#include <aio/app/repeated_answer.hpp>
#include <aio/async/aborted.hpp>
#include <aio/async/sleep.hpp>

#include <utility>

namespace aio::app {

repeated_answer::repeated_answer(async::task_group& owner, options how)
    : owner_(owner), how_(std::move(how)) {}

void repeated_answer::request() noexcept {
    if (request_.come())
        begins_.request(owner_.home());
}

void repeated_answer::spawn() {
    try {
        owner_.spawn(how_.name, answer_all());
    } catch (...) {
        request_.begin();
        while (request_.end())
            request_.begin();
        how_.failed(std::current_exception());
    }
}

task<void> repeated_answer::answer_once() {
    request_.begin();
    try {
        co_await how_.answer();
    } catch (...) {
        if (async::is_aborted(std::current_exception()))
            throw;
        how_.failed(std::current_exception());
    }
}

task<void> repeated_answer::answer_all() {
    co_await answer_once();
    while (request_.end()) {
        co_await async::sleep(how_.pause);
        co_await answer_once();
    }
}

} // namespace aio::app
