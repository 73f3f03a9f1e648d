#include <aio/log/line_buffer.hpp>

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

namespace aio::log {

bool line_buffer::append(std::string_view line) noexcept {
    const std::size_t used = size();
    if (line.size() >= capacity - used)
        return false;
    if (!room_)
        room_.reset(new (std::nothrow) char[capacity]);
    if (!room_)
        return false;
    std::memcpy(room_.get() + used, line.data(), line.size());
    room_[used + line.size()] = '\n';
    ++lines_;
    used_.store(used + line.size() + 1, std::memory_order_release);
    return true;
}

void line_buffer::clear() noexcept {
    used_.store(0, std::memory_order_release);
    lines_ = 0;
}

void line_buffer::write_out() const noexcept {
    const int fd = fd_.load(std::memory_order_relaxed);
    const std::size_t used = used_.load(std::memory_order_acquire);
    for (std::size_t done = 0; fd >= 0 && done < used;) {
        const auto count = ::write(fd, room_.get() + done, used - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return;
        done += static_cast<std::size_t>(count);
    }
}

bool unwritten_lines::add(const line_buffer& buffer) noexcept {
    for (auto& place : buffers_) {
        const line_buffer* none = nullptr;
        if (place.compare_exchange_strong(none, &buffer))
            return true;
    }
    return false;
}

void unwritten_lines::remove(const line_buffer& buffer) noexcept {
    for (auto& place : buffers_) {
        const line_buffer* found = &buffer;
        if (place.compare_exchange_strong(found, nullptr))
            return;
    }
}

void unwritten_lines::write_out() const noexcept {
    for (const auto& place : buffers_)
        if (const line_buffer* buffer = place.load(std::memory_order_acquire))
            buffer->write_out();
}

} // namespace aio::log
