#include <aio/base/memory_reserve.hpp>

#include <sys/mman.h>

namespace aio::base {

memory_reserve::memory_reserve() noexcept
    : held_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    if (held_ == MAP_FAILED)
        held_ = nullptr;
}

memory_reserve::~memory_reserve() {
    release();
}

void memory_reserve::release() noexcept {
    if (void* const held = held_.exchange(nullptr))
        ::munmap(held, size);
}

} // namespace aio::base
