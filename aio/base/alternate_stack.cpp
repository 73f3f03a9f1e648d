#include <aio/base/alternate_stack.hpp>

#include <sys/mman.h>

#include <csignal>
#include <tuple>

namespace aio::base {

alternate_stack::alternate_stack() noexcept {
    stack_t now{};
    if (::sigaltstack(nullptr, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0)
        return;
    constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (memory == MAP_FAILED)
        return;
    stack_t fresh{};
    fresh.ss_sp = memory;
    fresh.ss_size = size;
    if (::sigaltstack(&fresh, nullptr) == 0)
        memory_ = memory;
    else
        std::ignore = ::munmap(memory, size);
}

alternate_stack::~alternate_stack() {
    if (!memory_)
        return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    std::ignore = ::sigaltstack(&none, nullptr);
    std::ignore = ::munmap(memory_, size);
}

} // namespace aio::base
