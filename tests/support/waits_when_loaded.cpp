// A library whose constructor waits, with the dynamic linker's lock held, until the writer of the
// FIFO that AIO_TEST_DOOR names closes it.

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

namespace {

[[gnu::constructor]] void wait_for_the_end() {
    const char* const door = std::getenv("AIO_TEST_DOOR");
    const int opened = door ? ::open(door, O_RDONLY | O_CLOEXEC) : -1;
    char text = 0;
    while (opened >= 0 && ::read(opened, &text, 1) > 0) {
    }
    ::close(opened);
}

} // namespace
