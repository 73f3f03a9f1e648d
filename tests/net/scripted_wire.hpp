#pragma once

// A wire that does what a test says.

#include <aio/net/address.hpp>
#include <aio/net/wire.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <system_error>

namespace support {

inline constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

class scripted_wire;

/// What the test decides, and what it sees. Outlives the wire.
struct script {
    std::string input;
    std::size_t most = no_limit; ///< one receive gets
    int delays = 0;              ///< receives that say "later" although there is input
    bool ended = false;          ///< after the input
    int error = 0;               ///< after the input; of a send, too
    std::size_t room = no_limit; ///< for sends
    std::string sent;
    std::size_t unconfirmed = 0;
    int half_closes = 0;
    int watches = 0;
    std::optional<aio::net::wire::closing> closed;
    scripted_wire* to = nullptr;
};

class scripted_wire final : public aio::net::wire {
  public:
    explicit scripted_wire(script& by) : all(by) { all.to = this; }

    ~scripted_wire() override { all.to = nullptr; }

    aio::net::outcome receive(std::span<std::byte> into) noexcept override {
        if (all.delays > 0) {
            --all.delays;
            return {0, {}, true};
        }
        const aio::net::outcome got = peek(into);
        all.input.erase(0, got.size);
        return got;
    }

    aio::net::outcome peek(std::span<std::byte> into) noexcept override {
        aio::net::outcome made;
        made.size = std::min({all.input.size(), into.size(), all.most});
        std::memcpy(into.data(), all.input.data(), made.size);
        if (all.input.empty() && all.error != 0)
            made.error = {all.error, std::system_category()};
        else if (all.input.empty() && all.ended)
            made.end = true;
        else if (all.input.empty())
            made.later = true;
        return made;
    }

    aio::net::outcome send(std::span<const std::byte> data) noexcept override {
        aio::net::outcome made;
        made.size = std::min(data.size(), all.room);
        all.sent.append(reinterpret_cast<const char*>(data.data()), made.size);
        all.room -= all.room == no_limit ? 0 : made.size;
        if (all.error != 0)
            made = {0, {all.error, std::system_category()}, false, false};
        else
            made.later = made.size == 0;
        return made;
    }

    void half_close() noexcept override { ++all.half_closes; }

    void close(closing how) noexcept override { all.closed = how; }

    std::size_t unconfirmed() const noexcept override { return all.unconfirmed; }

    aio::net::address peer() const override { return *aio::net::address::parse("10.0.0.1", 1000); }

    aio::net::address local() const override { return *aio::net::address::parse("10.0.0.2", 80); }

    void watch() override { ++all.watches; }

    using aio::net::wire::tell;

    script& all;
};

} // namespace support
