#include <aio/async/loop_executor.hpp>
#include <aio/async/task_node.hpp>

#include <fmt/format.h>

namespace aio::async {

task_node* task_node::of(const boost::asio::any_io_executor& executor) noexcept {
    const auto* ours = executor.target<loop_executor>();
    return ours ? ours->task() : nullptr;
}

void task_node_list::add(task_node& one) noexcept {
    one.previous_ = last_;
    one.next_ = nullptr;
    (last_ ? last_->next_ : first_) = &one;
    last_ = &one;
}

void task_node_list::remove(task_node& one) noexcept {
    (one.previous_ ? one.previous_->next_ : first_) = one.next_;
    (one.next_ ? one.next_->previous_ : last_) = one.previous_;
    one.previous_ = one.next_ = nullptr;
}

std::string task_info::text() const {
    const double seconds = std::chrono::duration<double>(lasts).count();
    const std::string_view between = owner.empty() || name.empty() ? "" : ": ";
    return fmt::format("{}{}{} awaits {} for {:.1f} s", owner, between, name, awaits, seconds);
}

task_info describe(const task_node& one, time_point now) {
    task_info info;
    info.name = one.describe ? one.describe(one.subject) : one.name;
    info.owner = one.owner;
    info.awaits = one.awaits ? one.awaits : "a foreign operation";
    info.lasts = now - one.since;
    return info;
}

} // namespace aio::async
