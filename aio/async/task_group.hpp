#pragma once

// The owner of tasks: it starts them, gets their errors, cancels them and waits for the last one.

#include <aio/async/loop.hpp>
#include <aio/async/runner_list.hpp>
#include <aio/async/start_inline.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::async {

/// The name of a task: a text that is copied, or a function that makes the text when it is needed;
/// `subject` then has to live as long as the task.
struct task_name {
    std::string_view text;
    std::string (*describe)(const void* subject) = nullptr;
    const void* subject = nullptr;

    task_name(const char* text_) : text(text_) {}

    task_name(std::string_view text_) : text(text_) {}

    task_name(const std::string& text_) : text(text_) {}

    task_name(std::string (*describe_)(const void*), const void* subject_)
        : describe(describe_), subject(subject_) {}
};

/// On the loop's thread only. It should be empty when it is destroyed: tasks that still run are
/// cancelled and left to the loop. The group may outlive its loop, which drops the tasks.
class AIO_API task_group final : private keeper {
  public:
    /// Gets the error of a task, and its name. Not called for operation_aborted after a cancel.
    using error_handler = std::function<void(std::string_view task, std::exception_ptr why)>;

    /// `owner` is the section its tasks work for. Without a handler the first error is kept, and
    /// join() throws it.
    explicit task_group(loop& loop, std::string owner = {}, error_handler failed = {});
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;
    ~task_group();

    loop& home() const noexcept { return loop_; }

    /// Starts a task. It runs inside this call until it suspends for the first time.
    void spawn(task_name name, task<void> work);

    bool empty() const noexcept { return count_ == 0; }

    std::size_t size() const noexcept { return count_; }

    /// Cancels all tasks that run now. A task obeys `terminal`; the softer types only after its own
    /// reset_cancellation_state(). Allocates nothing.
    void cancel(boost::asio::cancellation_type how = boost::asio::cancellation_type::terminal);

    /// Waits for the tasks. True when the group is empty, false when `deadline` came first.
    /// Completes: when the group is empty, or at `deadline`.
    /// Loop: the group's.
    /// Cancelled: the tasks keep running. Then operation_aborted.
    /// Throws: the first error of a task, when the group has no error handler.
    task<bool> join(time_point deadline = never);
    /// As join(), with a deadline `limit` from now by the clock of the loop.
    /// Completes: when the group is empty, or after `limit`.
    task<bool> join_for(duration limit);

    std::vector<task_info> unfinished() const;

  private:
    struct joiner;

    void ended(runner& runner, std::exception_ptr why) noexcept override;
    void dropped(runner& runner) noexcept override;
    void drop(runner& member) noexcept;
    void report(const task_node& task, std::exception_ptr why, bool aborted) noexcept;
    void wake_joiners() noexcept;

    loop& loop_;
    std::string owner_;
    error_handler failed_;
    runner_list members_;
    std::size_t count_ = 0;
    bool cancelled_ = false;
    std::exception_ptr kept_;
    joiner* joiners_ = nullptr;
};

} // namespace aio::async
