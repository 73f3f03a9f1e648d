#include <aio/async/line.hpp>

namespace aio::async {

line::entry::entry(line& owner) noexcept : owner_(owner), ahead_(owner.last_) {
    (ahead_ ? ahead_->behind_ : owner.first_) = this;
    owner.last_ = this;
}

void line::entry::leave() noexcept {
    (ahead_ ? ahead_->behind_ : owner_.first_) = behind_;
    (behind_ ? behind_->ahead_ : owner_.last_) = ahead_;
}

void line::wake_first() noexcept {
    if (first_)
        first_->wake();
}

} // namespace aio::async
