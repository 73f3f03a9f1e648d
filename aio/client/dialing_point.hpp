#pragma once

// What a client and its dialers share. Private to client/.

#include <aio/client/client.hpp>
#include <aio/client/statistics.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace aio::client {

/// Used from any thread.
struct dialing_point {
    explicit dialing_point(std::shared_ptr<const plan_of_client> plan_) : plan(std::move(plan_)) {}

    const std::shared_ptr<const plan_of_client> plan;
    counts counted;
    std::atomic<std::size_t> first{0}; ///< the target that has answered last
    std::atomic<bool> stopped{false};
};

} // namespace aio::client
