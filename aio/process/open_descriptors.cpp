#include <aio/process/open_descriptors.hpp>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>

namespace aio::process {

namespace {

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
template <typename Act>
bool walk_folder(int first, Act&& each) {
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

template <typename Act>
void walk_numbers(int first, Act&& each) {
    ::rlimit limit{};
    const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < most_numbers;
    const int end = known ? static_cast<int>(limit.rlim_cur) : most_numbers;
    for (int number = first; number < end; ++number)
        each(number);
}

template <typename Act>
void walk(int first, Act&& each) {
    if (!walk_folder(first, each))
        walk_numbers(first, each);
}

void for_all(int first, unsigned how, void (*each)(int number) noexcept) noexcept {
    if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, how) != 0)
        walk(first, each);
}

} // namespace

void close_on_exec(int first) noexcept {
    for_all(first, CLOSE_RANGE_CLOEXEC, mark);
}

void close_all(int first) noexcept {
    for_all(first, 0, shut);
}

std::vector<int> open_descriptors(int first) {
    std::set<int> found; // a folder that cannot be read to its end is followed by the numbers
    walk(first, [&](int number) {
        if (::fcntl(number, F_GETFD) >= 0)
            found.insert(number);
    });
    return {found.begin(), found.end()};
}

} // namespace aio::process
