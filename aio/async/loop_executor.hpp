#pragma once

// The executor inside every any_io_executor of aio: it knows the loop and the task. It is small
// enough to fit into any_io_executor without an allocation.

#include <aio/async/loop.hpp>
#include <aio/async/task_node.hpp>

#include <boost/asio/execution.hpp>

#include <type_traits>
#include <utility>

namespace aio::async {

class AIO_API loop_executor {
    using blocking = boost::asio::execution::blocking_t;

  public:
    explicit loop_executor(loop& home, task_node* task = nullptr) noexcept
        : loop_(&home), node_(task) {}

    loop& at() const noexcept { return *loop_; }

    task_node* task() const noexcept { return node_; }

    boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
        return loop_->context();
    }

    blocking query(blocking) const noexcept {
        return never_ ? blocking(blocking::never) : blocking(blocking::possibly);
    }

    loop_executor require(blocking::possibly_t) const noexcept { return with(false); }

    loop_executor require(blocking::never_t) const noexcept { return with(true); }

    /// Calls the function at once if that is allowed and this is the loop's thread; otherwise
    /// later, on the loop's thread.
    template <typename F>
    void execute(F&& f) const {
        if (!never_ && loop_->running_here()) {
            const loop::run_of now(*loop_, node_);
            loop_->turn(std::forward<F>(f));
            return;
        }
        loop_->post(later<std::decay_t<F>>{*loop_, node_, std::forward<F>(f)});
    }

    friend bool operator==(const loop_executor& a, const loop_executor& b) noexcept {
        return a.loop_ == b.loop_ && a.node_ == b.node_ && a.never_ == b.never_;
    }

    friend bool operator!=(const loop_executor& a, const loop_executor& b) noexcept {
        return !(a == b);
    }

  private:
    /// A function of the task, as the loop calls it later.
    template <typename F>
    struct later {
        loop& home;
        task_node* task;
        F call;

        void operator()() {
            const loop::run_of now(home, task);
            std::move(call)();
        }
    };

    loop_executor with(bool refuses) const noexcept {
        loop_executor other = *this;
        other.never_ = refuses;
        return other;
    }

    loop* loop_;
    task_node* node_;
    bool never_ = false;
};

} // namespace aio::async
