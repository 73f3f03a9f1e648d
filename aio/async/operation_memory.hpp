#pragma once

// Memory for the operations of Asio that a loop begins again and again, such as the wait for its
// timer: they begin without an allocation, which may fail.

#include <boost/asio/bind_allocator.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <new>
#include <utility>

namespace aio::async {

/// Room for `Places` operations that are under way at the same time; another one takes memory of
/// the heap. It has to outlive its operations. From any thread.
template <std::size_t Places>
class operation_memory {
  public:
    static constexpr std::size_t largest = 256;

    operation_memory() = default;
    operation_memory(const operation_memory&) = delete;
    operation_memory& operator=(const operation_memory&) = delete;

    /// A handler whose operation lives here.
    template <typename Handler>
    auto bind(Handler handler) {
        return boost::asio::bind_allocator(allocator<std::byte>(*this), std::move(handler));
    }

  private:
    struct place {
        alignas(std::max_align_t) std::array<std::byte, largest> room;
        std::atomic<bool> taken{false};
    };

    template <typename T>
    struct allocator {
        using value_type = T;

        explicit allocator(operation_memory& memory) noexcept : from(&memory) {}

        template <typename U>
        explicit(false) allocator(const allocator<U>& other) noexcept : from(other.from) {}

        T* allocate(std::size_t count) {
            static_assert(sizeof(T) <= largest && alignof(T) <= alignof(std::max_align_t));
            return static_cast<T*>(from->take(count * sizeof(T)));
        }

        void deallocate(T* memory, std::size_t) noexcept { from->give_back(memory); }

        template <typename U>
        bool operator==(const allocator<U>& other) const noexcept {
            return from == other.from;
        }

        operation_memory* from;
    };

    void* take(std::size_t size) {
        if (size <= largest)
            for (place& each : places_)
                if (!each.taken.exchange(true, std::memory_order_acquire))
                    return each.room.data();
        return ::operator new(size);
    }

    void give_back(void* memory) noexcept {
        for (place& each : places_)
            if (each.room.data() == memory)
                return each.taken.store(false, std::memory_order_release);
        ::operator delete(memory);
    }

    std::array<place, Places> places_{};
};

} // namespace aio::async
