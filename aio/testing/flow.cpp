#include <aio/testing/flow.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace aio::testing {

namespace {

/// A slow line moves its bytes in portions of about this time.
constexpr std::uint64_t portions_per_second = 20;

std::size_t portion_of(const fate::way& how) noexcept {
    constexpr std::uint64_t most = 16 * 1024;
    if (!how.bandwidth)
        return most;
    return std::clamp<std::uint64_t>(*how.bandwidth / portions_per_second, 1, most);
}

} // namespace

async::time_point flow::arrival(std::size_t size, async::time_point now, chance dice) {
    sent_until_ = std::max(sent_until_, now);
    if (how_.bandwidth) {
        const double seconds = static_cast<double>(size) / static_cast<double>(*how_.bandwidth);
        sent_until_ = async::later(
            sent_until_,
            std::chrono::duration_cast<base::duration>(std::chrono::duration<double>(seconds))
        );
    }
    const auto spread = static_cast<std::uint64_t>(how_.jitter.count());
    const base::duration more(static_cast<base::duration::rep>(dice.below(spread + 1)));
    last_arrival_ = std::max(last_arrival_, async::later(sent_until_, how_.latency + more));
    return last_arrival_;
}

std::size_t flow::send(std::span<const std::byte> data, async::time_point now, chance dice) {
    const std::size_t whole = std::min(data.size(), room());
    const std::size_t portion = portion_of(how_);
    for (std::size_t at = 0; at < whole; at += portion) {
        const std::size_t size = std::min(portion, whole - at);
        const auto* text = reinterpret_cast<const char*>(data.data()) + at;
        pieces_.push_back({arrival(size, now, dice), std::string(text, size)});
    }
    on_way_ += whole;
    return whole;
}

void flow::finish(async::time_point now, chance dice) {
    pieces_.push_back({arrival(0, now, dice), {}});
}

bool flow::fault_is_due() const noexcept {
    return how_.then != fault::none && !struck_ && total_ >= how_.after;
}

// Nothing arrives beyond a fault before its owner has asked strikes().
void flow::advance(async::time_point now) {
    while (!held_ && !pieces_.empty() && pieces_.front().arrives <= now && !fault_is_due())
        if (!take_piece(pieces_.front()))
            return;
}

bool flow::take_piece(piece& front) {
    if (front.data.empty()) {
        ended_ = true;
        pieces_.pop_front();
        return true;
    }
    std::size_t size = front.data.size();
    if (!deaf_)
        size = std::min(size, how_.room - inbox_.size());
    if (how_.then != fault::none && !struck_)
        size = std::min<std::uint64_t>(size, how_.after - total_);
    if (size == 0)
        return false;
    if (deaf_)
        in_vain_ = true;
    else
        inbox_.append(front.data, 0, size);
    front.data.erase(0, size);
    on_way_ -= size;
    total_ += size;
    if (front.data.empty())
        pieces_.pop_front();
    return true;
}

std::size_t flow::peek(std::span<std::byte> into) const noexcept {
    const std::size_t size = std::min(into.size(), inbox_.size());
    if (size != 0)
        std::memcpy(into.data(), inbox_.data(), size);
    return size;
}

void flow::take(std::size_t count) noexcept {
    inbox_.erase(0, count);
}

async::time_point flow::next() const noexcept {
    if (fault_is_due())
        return async::time_point{};
    if (held_ || pieces_.empty())
        return async::never;
    const piece& front = pieces_.front();
    const bool fits = front.data.empty() || deaf_ || inbox_.size() < how_.room;
    return fits ? front.arrives : async::never;
}

fault flow::strikes() noexcept {
    if (!fault_is_due())
        return fault::none;
    struck_ = true;
    return how_.then;
}

void flow::lose_all() noexcept {
    pieces_.clear();
    on_way_ = 0;
}

void flow::end_now() noexcept {
    in_vain_ = on_way_ != 0;
    lose_all();
    ended_ = deaf_ = true;
}

} // namespace aio::testing
