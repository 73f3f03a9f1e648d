#pragma once

// Memory runs out for one allocation of this thread, as a test wants it to: of C++, or of Asio,
// which uses aligned_alloc. The functions replace those of the whole program. In one file of a
// program. ThreadSanitizer has functions of its own: with it, no allocation fails.

#include "sanitizer.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace test {

inline constexpr std::size_t no_failure = static_cast<std::size_t>(-1);
inline thread_local std::size_t allocations_left = no_failure;

/// As long as this lives, the allocation after `count` others fails, that one only.
struct one_failed_allocation {
    explicit one_failed_allocation(std::size_t count) { allocations_left = count; }

    one_failed_allocation(const one_failed_allocation&) = delete;
    one_failed_allocation& operator=(const one_failed_allocation&) = delete;

    ~one_failed_allocation() { allocations_left = no_failure; }

    static bool has_failed() { return allocations_left == no_failure; }
};

inline void* allocate(std::size_t size) noexcept {
    if (allocations_left != no_failure && allocations_left-- == 0)
        return nullptr;
    return std::malloc(size != 0 ? size : 1);
}

inline void* allocate_aligned(std::size_t alignment, std::size_t size) noexcept {
    void* made = nullptr;
    if (allocations_left != no_failure && allocations_left-- == 0)
        return nullptr;
    return ::posix_memalign(&made, alignment, size) == 0 ? made : nullptr;
}

} // namespace test

#ifndef AIO_TEST_THREAD_SANITIZER

#define AIO_TEST_VISIBLE __attribute__((visibility("default")))

AIO_TEST_VISIBLE void* operator new(std::size_t size) {
    if (void* made = test::allocate(size))
        return made;
    throw std::bad_alloc();
}

AIO_TEST_VISIBLE void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return test::allocate(size);
}

extern "C" AIO_TEST_VISIBLE void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return test::allocate_aligned(alignment, size);
}

AIO_TEST_VISIBLE void operator delete(void* memory) noexcept {
    std::free(memory);
}

AIO_TEST_VISIBLE void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

AIO_TEST_VISIBLE void operator delete(void* memory, const std::nothrow_t&) noexcept {
    std::free(memory);
}

#undef AIO_TEST_VISIBLE

#endif
