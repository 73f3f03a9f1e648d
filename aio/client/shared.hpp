#pragma once

// What the connections of one client share. Everything happens on the client's loop. Private to
// client/.

#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/base/once_a_minute.hpp>
#include <aio/client/client.hpp>
#include <aio/client/dialing_point.hpp>
#include <aio/client/statistics.hpp>
#include <aio/log/logger.hpp>
#include <aio/service/context.hpp>
#include <aio/service/runtime.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <unordered_set>

namespace aio::client {

class session;

struct shared {
    /// In order, until the next start.
    enum class phase { idle, running, intake_ended, stopping, cancelled };

    shared(std::shared_ptr<const plan_of_client> plan_, service::runtime& app_, async::loop& home_);

    const aio::client::spec& spec() const noexcept { return plan->spec; }

    /// No new connection is made.
    bool ends() const noexcept { return now >= phase::intake_ended; }

    void add(session& member) {
        sessions.insert(&member);
        all_closed.reset();
    }

    void remove(session& member) noexcept;

    /// The protocol has made a mistake, which every connection would repeat: the client crashes,
    /// once.
    void mistaken(std::exception_ptr why) noexcept;

    /// Emits the signal with the name of the section, if anybody listens.
    void emit(const char* signal);

    const std::shared_ptr<const plan_of_client> plan;
    service::runtime& app;
    async::loop& home;
    log::logger& log;
    const std::string label;   ///< "bank"
    const std::string section; ///< "client/bank"
    std::optional<service::context> given;
    phase now = phase::idle;
    bool was_connected = false; ///< since the start
    bool was_mistaken = false;  ///< the same

    const std::shared_ptr<dialing_point> point;
    counts& counted;
    std::minstd_rand chance;
    base::once_a_minute told_failed, told_ended, told_up;

    async::task_group dials;               ///< attempts, and the pauses before them
    async::task_group connections;         ///< the protocols
    std::unordered_set<session*> sessions; ///< connections that are not closed yet
    async::event all_closed;

    /// Called when the client has its first connection.
    std::function<void()> connected;
    /// Called when a connection has ended for good.
    std::function<void()> ended;
    /// Called when the client cannot go on.
    std::function<void(std::exception_ptr why)> crash;
};

} // namespace aio::client
