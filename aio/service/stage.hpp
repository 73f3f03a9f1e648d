#pragma once

// The life of a user's service, as a table. Private to service/.

#include <aio/base/api.hpp>

namespace aio::service {

/// The stages in order: a life goes from `starting` to `stopped`, may leave out stages, and begins
/// again at `starting`.
enum class stage {
    made,          ///< it has never been started
    starting,      ///< its hooks up to on_start
    with_children, ///< on_start is over: children start, also those that are added
    stopping,      ///< it was told to stop
    closing,       ///< its children have stopped, its tasks are cancelled, no more are taken
    stopped
};

/// Between start() and the end of the stop.
constexpr bool is_alive(stage current) noexcept {
    return current != stage::made && current != stage::stopped;
}

/// From there on until the next start.
constexpr bool is_told_to_stop(stage current) noexcept {
    return current >= stage::stopping;
}

/// Tasks may be spawned.
constexpr bool takes_tasks(stage current) noexcept {
    return is_alive(current) && current != stage::closing;
}

/// Whether a service may go from one stage to another.
constexpr bool may_follow(stage from, stage next) noexcept {
    if (next == stage::starting)
        return !is_alive(from);
    return is_alive(from) && next > from;
}

/// How its start has ended.
enum class readiness { pending, ready, failed };

} // namespace aio::service
