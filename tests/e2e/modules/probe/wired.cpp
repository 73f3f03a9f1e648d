// Both ends of connections in a network of a test, which accounts for each byte: it gives the
// numbers of the connections by the function `wired/number` among the values of the app, and hears
// by `wired/note` what has become of them.

#include "probe.hpp"

#include <aio/async/loop.hpp>
#include <aio/async/virtual_clock.hpp>

#include <boost/asio/this_coro.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace probe {
namespace {

using numbers = std::function<std::uint64_t()>;
using notes = std::function<void(const std::string& what, std::uint64_t who, std::uint64_t bytes)>;
using number_bytes = std::array<std::byte, sizeof(std::uint64_t)>;

void note(aio::runtime& app, const char* what, std::uint64_t who, std::uint64_t bytes) {
    if (const auto told = app.values().find<notes>("wired/note"))
        (*told)(what, who, bytes);
}

/// The byte at a place of what a connection sends.
std::byte byte_of(std::uint64_t who, std::uint64_t place) noexcept {
    const std::uint64_t mixed = (who * 0x9e3779b97f4a7c15U + place) * 0xbf58476d1ce4e5b9U;
    return static_cast<std::byte>(mixed >> 56);
}

/// Checks what arrives, in order.
class counted {
  public:
    counted(aio::runtime& app, const char* as, std::uint64_t who) : app_(app), as_(as), who_(who) {}

    void add(std::span<const std::byte> more) {
        for (const std::byte each : more)
            if (each != byte_of(who_, bytes_++))
                note(app_, "wrong", who_, bytes_);
        note(app_, as_, who_, bytes_);
    }

    std::uint64_t bytes() const noexcept { return bytes_; }

  private:
    aio::runtime& app_;
    const char* as_;
    std::uint64_t who_;
    std::uint64_t bytes_ = 0;
};

aio::task<void> wired_echo(aio::stream stream, aio::server_context context) {
    number_bytes head;
    co_await stream.read_exactly(head);
    std::uint64_t who = 0;
    std::memcpy(&who, head.data(), head.size());
    counted got(context.app(), "read", who);
    while (const auto more = co_await stream.read()) {
        got.add(more);
        co_await stream.write(more);
    }
    if (stream.end_reason() == aio::net::end_reason::peer)
        note(context.app(), "read all", who, got.bytes());
}

/// The same by callbacks.
class wired_callbacks final : public aio::protocol {
  public:
    explicit wired_callbacks(const aio::server_context& context) : app_(context.app()) {}

    void connection_made(aio::transport& by) override { to_ = &by; }

    void data_received(std::span<const std::byte> data) override {
        while (!got_ && !data.empty()) {
            head_.push_back(data.front());
            data = data.subspan(1);
            if (head_.size() == sizeof who_) {
                std::memcpy(&who_, head_.data(), sizeof who_);
                got_.emplace(app_, "read", who_);
            }
        }
        if (data.empty())
            return;
        got_->add(data);
        to_->write(data);
    }

    bool eof_received() override {
        if (got_)
            note(app_, "read all", who_, got_->bytes());
        return false;
    }

  private:
    aio::runtime& app_;
    aio::transport* to_ = nullptr;
    std::vector<std::byte> head_;
    std::uint64_t who_ = 0;
    std::optional<counted> got_;
};

std::uint64_t new_number(aio::runtime& app) {
    return app.values().find<numbers>("wired/number").value()();
}

number_bytes head_of(std::uint64_t who) {
    number_bytes head;
    std::memcpy(head.data(), &who, head.size());
    return head;
}

std::vector<std::byte> more_of(std::uint64_t who, std::uint64_t& sent, std::uint64_t size) {
    std::vector<std::byte> data(size);
    for (std::byte& each : data)
        each = byte_of(who, sent++);
    return data;
}

/// Sends and waits for the echo, some times over, and ends in one way or another.
aio::task<void> wired_client(aio::stream stream, aio::client_context context) {
    aio::runtime& app = context.app();
    auto& dice = *aio::async::loop::of(co_await boost::asio::this_coro::executor)->simulation();
    const auto below = [&dice](std::uint64_t end) { return dice.random() % end; };
    const std::uint64_t who = new_number(app);
    const number_bytes head = head_of(who);
    co_await stream.write(head);
    counted got(app, "echoed", who);
    std::uint64_t sent = 0;
    for (std::uint64_t rounds = below(6); rounds > 0; --rounds) {
        const auto data = more_of(who, sent, 1 + below(400));
        note(app, "writes", who, sent);
        co_await stream.write(data);
        note(app, "wrote", who, sent);
        while (got.bytes() < sent) {
            const auto more = co_await stream.read();
            if (!more)
                co_return;
            got.add(more);
        }
        co_await aio::sleep(std::chrono::milliseconds(below(1500)));
    }
    if (below(5) == 0)
        co_return stream.abort();
    if (below(5) == 0)
        throw std::runtime_error("the protocol fails");
    if (below(2) == 0)
        co_return;
    co_await stream.shutdown();
    while (const auto more = co_await stream.read())
        got.add(more);
    if (stream.end_reason() == aio::net::end_reason::peer)
        note(app, "echoed all", who, sent);
}

/// Sends much at a time, by callbacks; its deadline is the time for the next round.
class wired_pusher final : public aio::protocol {
  public:
    explicit wired_pusher(const aio::client_context& context)
        : app_(context.app()), who_(new_number(app_)), got_(app_, "echoed", who_),
          dice_(*app_.main_loop().simulation()), rounds_(dice_.random() % 6) {}

    void connection_made(aio::transport& by) override {
        to_ = &by;
        const number_bytes head = head_of(who_);
        by.write(head);
        expired();
    }

    void data_received(std::span<const std::byte> data) override { got_.add(data); }

    void expired() override {
        if (rounds_ == 0)
            return to_->close();
        --rounds_;
        const auto data = more_of(who_, sent_, 1 + dice_.random() % 8'000);
        note(app_, "writes", who_, sent_);
        to_->write(data);
        note(app_, "wrote", who_, sent_);
        to_->expires_in(std::chrono::milliseconds(1 + dice_.random() % 3000));
    }

  private:
    aio::runtime& app_;
    aio::transport* to_ = nullptr;
    const std::uint64_t who_;
    counted got_;
    aio::async::virtual_clock& dice_;
    std::uint64_t rounds_;
    std::uint64_t sent_ = 0;
};

} // namespace

void add_wired(aio::module_builder& to) {
    to.protocol("wired_echo", wired_echo);
    to.protocol<wired_callbacks>("wired_callbacks");
    to.protocol("wired_client", wired_client);
    to.protocol<wired_pusher>("wired_pusher");
}

} // namespace probe
