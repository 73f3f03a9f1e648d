#pragma once

// Work that a loop has to do soon, linked into its queue without an allocation.

#include <aio/base/api.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/recycling_allocator.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace aio::async {

enum class verdict { run, drop };

/// An entry of a work_queue. `act` is called once: to run the work, or to drop it when the loop
/// ends before.
struct work {
    using action = void (*)(work&, verdict);

    explicit work(action function) noexcept : act(function) {}

    action act;
    work* next = nullptr;
    bool queued = false;
    bool ordered =
        false; ///< a simulation also keeps its order among the entries of the same poster
};

/// First in, first out. Not thread-safe.
class work_queue {
  public:
    bool empty() const noexcept { return first_ == nullptr; }

    std::size_t size() const noexcept { return size_; }

    void push(work& entry) noexcept {
        entry.next = nullptr;
        entry.queued = true;
        (last_ ? last_->next : first_) = &entry;
        last_ = &entry;
        ++size_;
    }

    /// The queue must not be empty.
    work& pop() noexcept {
        work& entry = *first_;
        first_ = entry.next;
        if (!first_)
            last_ = nullptr;
        entry.queued = false;
        --size_;
        return entry;
    }

    void append(work_queue& others) noexcept {
        if (others.empty())
            return;
        (last_ ? last_->next : first_) = others.first_;
        last_ = others.last_;
        size_ += others.size_;
        others = work_queue{};
    }

    /// Searches the whole queue; needed only for a waiter that is destroyed while it is queued.
    void remove(work& entry) noexcept {
        work* before = nullptr;
        for (work* current = first_; current; before = current, current = current->next) {
            if (current != &entry)
                continue;
            (before ? before->next : first_) = entry.next;
            if (last_ == &entry)
                last_ = before;
            entry.queued = false;
            --size_;
            return;
        }
    }

  private:
    work* first_ = nullptr;
    work* last_ = nullptr;
    std::size_t size_ = 0;
};

/// A function as work. Its memory comes from the thread's cache and is freed before the function is
/// called.
template <typename F>
class posted final : public work {
    using allocator = boost::asio::recycling_allocator<posted>;

  public:
    static work& make(F f, bool in_order = true) {
        posted* memory = allocator().allocate(1);
        try {
            work& made = *new (memory) posted(std::move(f));
            made.ordered = in_order;
            return made;
        } catch (...) {
            allocator().deallocate(memory, 1);
            throw;
        }
    }

  private:
    explicit posted(F&& f) : work(&posted::call), f_(std::move(f)) {}

    static void call(work& entry, verdict verdict) {
        posted& self = static_cast<posted&>(entry);
        F f = std::move(self.f_);
        self.~posted();
        allocator().deallocate(&self, 1);
        if (verdict == verdict::run)
            std::move(f)();
    }

    F f_;
};

} // namespace aio::async
