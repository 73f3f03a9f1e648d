#include <aio/async/runner_list.hpp>

namespace aio::async {

/// Visits those that are members when it begins.
class runner_list::walk {
  public:
    explicit walk(runner_list& list) noexcept
        : of_(&list), outer_(list.walks_), next_(list.first_), last_(list.last_) {
        list.walks_ = this;
    }

    walk(const walk&) = delete;
    walk& operator=(const walk&) = delete;

    ~walk() {
        if (of_)
            of_->walks_ = outer_;
    }

    /// nullptr: there is no other one.
    runner* next() noexcept {
        runner* const member = next_;
        if (member)
            pass(*member);
        return member;
    }

    void dropped(const runner& member) noexcept {
        if (next_ == &member)
            pass(member);
        if (last_ == &member)
            last_ = member.previous;
    }

    /// The list is destroyed.
    void leave() noexcept {
        of_ = nullptr;
        next_ = nullptr;
    }

    walk* outer() const noexcept { return outer_; }

  private:
    void pass(const runner& member) noexcept { next_ = &member == last_ ? nullptr : member.next; }

    runner_list* of_;
    walk* outer_;
    runner* next_;
    runner* last_;
};

runner_list::~runner_list() {
    for (walk* each = walks_; each; each = each->outer())
        each->leave();
}

void runner_list::add(runner& member) noexcept {
    member.previous = last_;
    member.next = nullptr;
    (last_ ? last_->next : first_) = &member;
    last_ = &member;
}

void runner_list::tell_walks(const runner& dropped) noexcept {
    for (walk* each = walks_; each; each = each->outer())
        each->dropped(dropped);
}

void runner_list::cancel(boost::asio::cancellation_type how) {
    walk members(*this);
    while (runner* const member = members.next())
        member->cancel(how);
}

} // namespace aio::async
