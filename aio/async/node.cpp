#include <aio/async/loop_executor.hpp>
#include <aio/async/node.hpp>
#include <aio/base/visible.hpp>

#include <fmt/format.h>

namespace aio::async {

node* node::of(const boost::asio::any_io_executor& executor) noexcept {
    const auto* ours = executor.target<loop_executor>();
    return ours ? ours->task() : nullptr;
}

void node_list::add(node& one) noexcept {
    one.previous_ = last_;
    one.next_ = nullptr;
    (last_ ? last_->next_ : first_) = &one;
    last_ = &one;
}

void node_list::remove(node& one) noexcept {
    (one.previous_ ? one.previous_->next_ : first_) = one.next_;
    (one.next_ ? one.next_->previous_ : last_) = one.previous_;
    one.previous_ = one.next_ = nullptr;
}

std::string task_info::text() const {
    const double seconds = std::chrono::duration<double>(lasts).count();
    const std::string_view between = owner.empty() || name.empty() ? "" : ": ";
    return base::visible(
        fmt::format("{}{}{} awaits {} for {:.1f} s", owner, between, name, awaits, seconds),
        base::layout::one_line
    );
}

task_info describe(const node& one, time_point now) {
    task_info info;
    info.name = one.describe ? one.describe(one.subject) : one.name;
    info.owner = one.owner;
    info.awaits = one.awaits ? one.awaits : "a foreign operation";
    info.lasts = now - one.since;
    return info;
}

} // namespace aio::async
