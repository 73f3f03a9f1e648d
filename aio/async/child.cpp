#include <aio/async/child.hpp>
#include <aio/async/one_task.hpp>

#include <boost/asio/this_coro.hpp>

namespace aio::async {

child::~child() {
    if (running_)
        running_->disown();
}

task<void> child::run(task<void> work, const char* what) {
    const auto executor = co_await boost::asio::this_coro::executor;
    early_ = boost::asio::cancellation_type::none;
    const node* mine = node::of(executor);
    runner& one = runner::take(*loop::of(executor));
    if (mine) // before its first step: what it starts is named after it
        one.call(mine->describe ? std::string_view{} : std::string_view{mine->name}, mine->owner);
    one_task from(std::move(work));
    if (one.start(from, *this)) {
        one.park();
        why_ = std::move(from.why);
    } else {
        running_ = &one;
        if (mine && mine->describe && one.name.empty())
            one.name = mine->describe(mine->subject);
        if (early_ != boost::asio::cancellation_type::none)
            running_->cancel(early_);
        if (running_)
            co_await suspend(what);
    }
    if (why_)
        std::rethrow_exception(std::exchange(why_, nullptr));
}

void child::cancel(boost::asio::cancellation_type how) {
    if (running_)
        running_->cancel(how);
    else
        early_ = how;
}

void child::ended(runner&, std::exception_ptr why) noexcept {
    running_ = nullptr;
    why_ = std::move(why);
    wake();
}

// Waits for the child's end all the same.
bool child::withdraw() noexcept {
    if (how() != boost::asio::cancellation_type::none)
        cancel(how());
    return false;
}

} // namespace aio::async
