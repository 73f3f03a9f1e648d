#include <aio/net/error.hpp>
#include <aio/net/gathered.hpp>
#include <aio/net/outbox.hpp>
#include <aio/net/transport_core.hpp>

#include <fcntl.h>

#include <cerrno>
#include <limits>
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
            return fail(sent.error);
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
            return fail(sent.error);
    }
    for (const bytes& piece : left.rest())
        if (takes_data(phase_) && !piece.empty())
            keep(piece);
}

// The descriptor is a copy, so the caller may close its own.
void transport_core::send_file(int file, std::uint64_t offset, std::uint64_t size) {
    if (!open() || !takes_data(phase_) || size == 0)
        return;
    base::descriptor copy(::fcntl(file, F_DUPFD_CLOEXEC, 0));
    if (!copy)
        return fail({errno, std::system_category()});
    const bool first = !kept_;
    box().add(std::move(copy), offset, size);
    choked_ = true;
    if (!first)
        return;
    flush();
    if (has_drained())
        later();
}

outbox& transport_core::box() {
    if (!kept_) {
        kept_ = std::make_unique<outbox>();
        begin_wait(side::writing);
    }
    return *kept_;
}

void transport_core::keep(std::span<const std::byte> data) {
    if (buffered() + data.size() > max_buffered_) {
        too_slow(buffered() + data.size());
        return fail(make_error_code(errc::too_slow));
    }
    box().add(data);
    if (buffered() > high_water_)
        choked_ = true;
}

outcome transport_core::send_kept() noexcept {
    if (const auto next = kept_->next_bytes(); !next.empty())
        return send(next);
    return send(kept_->next_file());
}

void transport_core::flush() noexcept {
    while (kept_) {
        if (kept_->has_file() && !spend())
            return later();
        const outcome sent = send_kept();
        if (sent.done()) {
            active();
            note_progress(side::writing);
            kept_->remove(sent.size);
        }
        if (sent.error)
            return fail(sent.error);
        if (kept_->empty()) {
            kept_.reset();
            finish_wait(side::writing);
        }
        if (sent.later) {
            begin_wait(side::writing);
            break;
        }
    }
    if (!kept_ && phase_ == transport_phase::shut)
        half_close();
}

bool transport_core::has_drained() const noexcept {
    return choked_ && buffered() <= high_water_ / 4 && !(kept_ && kept_->has_file());
}

std::size_t transport_core::buffered() const noexcept {
    return kept_ ? kept_->memory() : 0;
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
