#include <aio/async/child.hpp>

#include <boost/asio/this_coro.hpp>

namespace aio::async {

child::~child() {
    if (running_)
        running_->let_go();
}

task<void> child::run(task<void> work, const char* awaits) {
    const auto executor = co_await boost::asio::this_coro::executor;
    const task_node* mine = task_node::of(executor);
    task_title title;
    if (mine)
        title = {mine->describe ? std::string_view{} : mine->name, mine->owner};
    running_ = start_inline(*loop::of(executor), std::move(work), *this, why_, title);
    if (running_) {
        if (mine && mine->describe && running_->name.empty())
            running_->name = mine->describe(mine->subject);
        if (early_ != boost::asio::cancellation_type::none)
            running_->cancel(early_);
        if (running_)
            co_await outlast(awaits);
    }
    early_ = boost::asio::cancellation_type::none;
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

// The end of the child is waited for.
bool child::withdraw() noexcept {
    if (how() != boost::asio::cancellation_type::none)
        cancel(how());
    return false;
}

} // namespace aio::async
