#include <aio/async/loop_executor.hpp>
#include <aio/async/task_node.hpp>
#include <aio/base/visible.hpp>

#include <fmt/format.h>

namespace aio::async {

namespace {

std::string title(std::string_view name, std::string_view owner) {
    return fmt::format("{}{}{}", owner, owner.empty() || name.empty() ? "" : ": ", name);
}

} // namespace

task_node* task_node::of(const boost::asio::any_io_executor& executor) noexcept {
    const auto* ours = executor.target<loop_executor>();
    return ours ? ours->task() : nullptr;
}

void task_node::keep_text() noexcept {
    constexpr std::size_t longest = 300;
    try {
        std::string text = title(describe ? describe(subject) : name, owner);
        if (text.size() > longest)
            text.resize(longest);
        name = std::move(text);
    } catch (...) {
        name.clear();
    }
    forget_subject();
}

void task_node_list::add(task_node& task) noexcept {
    task.previous_ = last_;
    task.next_ = nullptr;
    (last_ ? last_->next_ : first_) = &task;
    last_ = &task;
}

void task_node_list::remove(task_node& task) noexcept {
    (task.previous_ ? task.previous_->next_ : first_) = task.next_;
    (task.next_ ? task.next_->previous_ : last_) = task.previous_;
    task.previous_ = task.next_ = nullptr;
}

std::string task_info::text() const {
    const double seconds = std::chrono::duration<double>(lasts).count();
    return base::visible(
        fmt::format("{} awaits {} for {:.1f} s", title(name, owner), awaits, seconds),
        base::layout::one_line
    );
}

task_info describe(const task_node& task, time_point now) {
    task_info info;
    info.name = task.describe ? task.describe(task.subject) : task.name;
    info.owner = task.owner;
    info.awaits = task.awaits ? task.awaits : "a foreign operation";
    info.lasts = now - task.since;
    return info;
}

} // namespace aio::async
