#include <aio/process/open_descriptors.hpp>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace aio::process {

namespace {

using act = void (*)(int number) noexcept;

constexpr int most_numbers = 65'536;

void mark(int number) noexcept {
    ::fcntl(number, F_SETFD, FD_CLOEXEC);
}

void shut(int number) noexcept {
    ::close(number);
}

/// The head of an entry that getdents64 writes; its name follows.
struct entry_head {
    std::uint64_t inode;
    std::int64_t offset;
    std::uint16_t size;
    unsigned char kind;
};

constexpr std::size_t name_offset = 19;

/// -1: no number, such as "..".
int number_of(const char* name) noexcept {
    int number = 0;
    for (; *name; ++name) {
        if (*name < '0' || *name > '9')
            return -1;
        number = number * 10 + (*name - '0');
    }
    return number;
}

// The readdir of the C library allocates.
bool walk_folder(int first, act each) noexcept {
    const int folder = ::open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return false;
    alignas(entry_head) char entries[1024];
    long got = 0;
    while ((got = ::syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0)
        for (long at = 0; at < got;) {
            std::uint16_t size = 0;
            std::memcpy(&size, entries + at + offsetof(entry_head, size), sizeof size);
            const int number = number_of(entries + at + name_offset);
            if (number >= first && number != folder)
                each(number);
            at += size;
        }
    ::close(folder);
    return got == 0;
}

void walk_numbers(int first, act each) noexcept {
    ::rlimit limit{};
    const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < most_numbers;
    const int end = known ? static_cast<int>(limit.rlim_cur) : most_numbers;
    for (int number = first; number < end; ++number)
        each(number);
}

void for_all(int first, unsigned how, act each) noexcept {
    if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, how) == 0)
        return;
    if (!walk_folder(first, each))
        walk_numbers(first, each);
}

} // namespace

void close_on_exec(int first) noexcept {
    for_all(first, CLOSE_RANGE_CLOEXEC, mark);
}

void close_all(int first) noexcept {
    for_all(first, 0, shut);
}

} // namespace aio::process
