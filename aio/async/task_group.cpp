#include <aio/async/aborted.hpp>
#include <aio/async/one_task.hpp>
#include <aio/async/suspend.hpp>
#include <aio/async/task_group.hpp>

#include <utility>

namespace aio::async {

namespace asio = boost::asio;

struct task_group::joiner final : waiter, timer {
    joiner(task_group& group, time_point deadline) : of_(group), deadline_(deadline) {}

    void begin() override {
        if (deadline_ != never)
            at().add_timer(*this, deadline_);
        next = of_.joiners_;
        of_.joiners_ = this;
    }

    bool withdraw() noexcept override {
        at().remove_timer(*this);
        for (joiner** one = &of_.joiners_; *one; one = &(*one)->next) {
            if (*one != this)
                continue;
            *one = next;
            break;
        }
        return true;
    }

    void fire() override {
        withdraw();
        resume();
    }

    task_group& of_;
    time_point deadline_;
    joiner* next = nullptr;
};

task_group::task_group(loop& loop, std::string owner, error_handler failed)
    : loop_(loop), owner_(std::move(owner)), failed_(std::move(failed)) {}

task_group::~task_group() {
    cancel(asio::cancellation_type::terminal);
    while (runner* const member = members_.first()) {
        drop(*member);
        member->disown();
    }
}

void task_group::spawn(task_name name, task<void> work) {
    runner& member = runner::take(loop_);
    member.call(name.text, owner_);
    member.describe = name.describe;
    member.subject = name.subject;
    member.since = loop_.now();
    members_.add(member);
    ++count_;
    one_task from(std::move(work));
    if (!member.start(from, *this))
        return;
    drop(member);
    if (from.why)
        report(member, from.why, cancelled_ && is_aborted(from.why));
    member.park();
    wake_joiners();
}

void task_group::ended(runner& runner, std::exception_ptr why) noexcept {
    drop(runner);
    if (why)
        report(runner, std::move(why), runner.aborted());
    wake_joiners();
}

void task_group::dropped(runner& runner) noexcept {
    drop(runner);
}

void task_group::drop(runner& member) noexcept {
    members_.drop(member);
    --count_;
}

void task_group::report(const task_node& task, std::exception_ptr why, bool aborted) noexcept {
    if (cancelled_ && aborted)
        return;
    if (failed_)
        failed_(task.describe ? task.describe(task.subject) : task.name, std::move(why));
    else if (!kept_)
        kept_ = std::move(why);
}

void task_group::wake_joiners() noexcept {
    if (count_ != 0)
        return;
    while (joiners_) {
        joiner& one = *joiners_;
        one.withdraw();
        one.wake();
    }
}

void task_group::cancel(asio::cancellation_type how) {
    cancelled_ = true;
    members_.cancel(how);
}

task<bool> task_group::join(time_point deadline) {
    while (count_ != 0) {
        if (deadline <= loop_.time().now())
            co_return false;
        joiner one(*this, deadline);
        co_await one.suspend("join");
        one.throw_if_cancelled();
    }
    if (kept_)
        std::rethrow_exception(std::exchange(kept_, nullptr));
    co_return true;
}

task<bool> task_group::join_for(duration limit) {
    return join(later(loop_.time().now(), limit));
}

std::vector<task_info> task_group::unfinished() const {
    std::vector<task_info> all;
    for (const runner* member = members_.first(); member; member = member->next)
        all.push_back(describe(*member, loop_.now()));
    return all;
}

} // namespace aio::async
