#pragma once

// One connection under test, served by a protocol that notes what it is told.

#include "fixture.hpp"

#include <aio/async/timer_queue.hpp>
#include <aio/net/transport_core.hpp>

#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace support {

using aio::net::transport;

struct notes {
    transport* to = nullptr;
    std::string got;
    int ends = 0;
    int stops = 0;
    int expiries = 0;
    int drains = 0;
    int lost = 0;
    std::error_code why;
    aio::net::end_reason reason = aio::net::end_reason::none;
    std::size_t refused = 0; ///< bytes, by too_slow
    std::size_t refused_files = 0;
    int crashes = 0;
    bool no_memory = false; ///< for a timer
    bool over = false;
    std::function<void(transport&)> on_made;
    std::function<void(transport&, std::string_view)> on_data;
    std::function<void(transport&)> on_drained;
    std::function<void(transport&)> on_expired;
    bool stay_open = false;
};

struct noting final : aio::net::protocol {
    explicit noting(notes& book) : all(book) {}

    void connection_made(transport& by) override {
        all.to = &by;
        if (all.on_made)
            all.on_made(by);
    }

    void data_received(std::span<const std::byte> data) override {
        const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
        all.got += text;
        if (all.on_data)
            all.on_data(*all.to, text);
    }

    bool eof_received() override {
        ++all.ends;
        return all.stay_open;
    }

    void stopping() override {
        ++all.stops;
        all.to->write("bye");
    }

    void expired() override {
        ++all.expiries;
        if (all.on_expired)
            all.on_expired(*all.to);
        else
            all.to->write("too late");
    }

    void drained() override {
        ++all.drains;
        if (all.on_drained)
            all.on_drained(*all.to);
    }

    void connection_lost(std::error_code why) override {
        ++all.lost;
        all.why = why;
        all.reason = all.to->end_reason();
        all.to = nullptr;
    }

    notes& all;
};

struct core final : aio::net::transport_core, private aio::async::timer {
    core(notes& to, aio::net::poller& on, aio::net::socket fd)
        : aio::net::transport_core(on, fd.release(), {}), all(to) {}

    ~core() override { on().home().remove_timer(*this); }

    void set_timer(aio::async::time_point when) override {
        if (all.no_memory)
            throw std::bad_alloc();
        on().home().remove_timer(*this);
        on().home().add_timer(*this, when);
    }

    void fire() override {
        if (const auto next = check_time(); next != aio::async::never)
            set_timer(next);
    }

    void over() noexcept override {
        all.over = true;
        delete this;
    }

    void crashed(std::exception_ptr) noexcept override { ++all.crashes; }

    void too_slow(std::size_t bytes, std::size_t files) noexcept override {
        all.refused = bytes;
        all.refused_files = files;
    }

    notes& all;
};

struct called_back : loop_under_test {
    called_back() { made = &begin(all, far); }

    explicit called_back(aio::async::virtual_clock& time) : loop_under_test(time) {
        made = &begin(all, far);
    }

    core& begin(notes& book, std::optional<peer>& other) {
        auto [ours, theirs] = tcp_pair();
        other.emplace(std::move(theirs));
        auto* begun = new core(book, aio::net::poller::of(loop), std::move(ours));
        begun->start();
        begun->begin(std::make_unique<noting>(book));
        return *begun;
    }

    ~called_back() {
        if (!all.over) {
            far->reset();
            until([this] {
                if (!all.over)
                    made->abort();
                loop.poll();
                return all.over;
            });
        }
    }

    notes all;
    core* made = nullptr;
    std::optional<peer> far;
};

} // namespace support
