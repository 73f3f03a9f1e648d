#include <aio/net/error.hpp>
#include <aio/net/gathered.hpp>
#include <aio/net/outbox.hpp>
#include <aio/net/transport_core.hpp>

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <utility>

namespace aio::net {

void transport_core::write(std::span<const std::byte> data) {
    if (!open() || !takes_data(phase_))
        return;
    while (!kept_ && !data.empty()) {
        const outcome sent = send(data);
        data = data.subspan(sent.size);
        if (sent.done())
            active();
        if (sent.later)
            break;
        if (sent.error)
            return break_off(sent.error);
    }
    if (!data.empty())
        keep(data);
}

void transport_core::write(std::span<const bytes> pieces) {
    if (!open() || !takes_data(phase_))
        return;
    gathered left(pieces);
    while (!kept_ && !left.empty()) {
        const outcome sent = send(left.rest());
        left.remove_prefix(sent.size);
        if (sent.done())
            active();
        if (sent.later)
            break;
        if (sent.error)
            return break_off(sent.error);
    }
    for (const bytes& piece : left.rest())
        if (takes_data(phase_) && !piece.empty())
            keep(piece);
}

// The descriptor is a copy, so the caller may close its own.
void transport_core::send_file(int file, std::uint64_t offset, std::uint64_t size) {
    if (!open() || !takes_data(phase_) || size == 0)
        return;
    if (!has_room_for_file())
        return refuse(buffered(), kept_files() + 1);
    if (!takes_data(phase_)) // the room was looked for by sending
        return;
    base::descriptor copy(::fcntl(file, F_DUPFD_CLOEXEC, 0));
    if (!copy)
        return fail({errno, std::system_category()});
    const bool first = !kept_;
    add(std::move(copy), offset, size);
    choked_ = true;
    if (!first)
        return;
    flush();
    if (has_drained())
        later();
}

// The budget of the turn may have left files that the peer would take at once.
bool transport_core::has_room_for_file() noexcept {
    while (kept_files() >= most_files && send_kept())
        ;
    return kept_files() < most_files;
}

void transport_core::refuse(std::size_t bytes, std::size_t files) noexcept {
    if (phase_ >= transport_phase::failed)
        return;
    too_slow(bytes, files);
    fail(make_error_code(errc::too_slow));
}

void transport_core::keep(std::span<const std::byte> data) noexcept {
    if (buffered() + data.size() > max_buffered_)
        return refuse(buffered() + data.size(), kept_files());
    add(data);
    if (buffered() > high_water_)
        choked_ = true;
}

// Without memory for the rest of a message, nothing may follow what was sent of it.
template <typename... Piece>
void transport_core::add(Piece&&... piece) noexcept {
    try {
        if (kept_)
            return kept_->add(std::forward<Piece>(piece)...);
        auto made = std::make_unique<outbox>();
        made->add(std::forward<Piece>(piece)...);
        kept_ = std::move(made);
    } catch (const std::bad_alloc&) {
        return fail(make_error_code(std::errc::not_enough_memory));
    }
    wait_for_room();
}

void transport_core::wait_for_room() noexcept {
    try {
        begin_wait(side::writing);
    } catch (const std::bad_alloc&) {
        fail(make_error_code(std::errc::not_enough_memory));
    }
}

bool transport_core::send_kept() noexcept {
    if (!kept_)
        return false;
    const auto next = kept_->next_bytes();
    const bool file = next.empty();
    const outcome sent = file ? send(kept_->next_file()) : send(next);
    if (sent.done()) {
        active();
        note_progress(side::writing);
        kept_->remove(sent.size);
    }
    if (sent.error) {
        if (sent.of_file)
            fail(sent.error);
        else
            break_off(sent.error);
        return false;
    }
    if (kept_->empty()) {
        kept_.reset();
        finish_wait(side::writing);
    }
    if (sent.later)
        wait_for_room();
    return !sent.later;
}

void transport_core::flush() noexcept {
    while (kept_) {
        if (kept_->has_file() && !spend())
            return later();
        if (!send_kept())
            return;
    }
    if (phase_ == transport_phase::shut)
        half_close();
}

bool transport_core::has_drained() const noexcept {
    return choked_ && buffered() <= high_water_ / 4 && kept_files() == 0;
}

std::size_t transport_core::buffered() const noexcept {
    return kept_ ? kept_->memory() : 0;
}

std::size_t transport_core::kept_files() const noexcept {
    return kept_ ? kept_->files() : 0;
}

std::string transport_core::unsent() const {
    std::string text;
    if (buffered() != 0)
        text = fmt::format("{} bytes", buffered());
    if (kept_files() != 0 && !text.empty())
        text += " and ";
    if (kept_files() == 1)
        text += "a file";
    else if (kept_files() != 0)
        text += fmt::format("{} files", kept_files());
    return text;
}

namespace {

std::uint32_t clamped(std::size_t bytes) noexcept {
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(bytes < most ? bytes : most);
}

} // namespace

void transport_core::max_buffered(std::size_t bytes) noexcept {
    max_buffered_ = clamped(bytes);
}

void transport_core::high_water(std::size_t bytes) noexcept {
    high_water_ = clamped(bytes);
    choked_ |= buffered() > high_water_;
    if (has_drained())
        later();
}

} // namespace aio::net
