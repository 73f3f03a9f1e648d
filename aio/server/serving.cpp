#include <aio/base/exception.hpp>
#include <aio/base/mistake.hpp>
#include <aio/base/units.hpp>
#include <aio/base/visible.hpp>
#include <aio/server/lane.hpp>
#include <aio/server/serving.hpp>

#include <optional>

namespace aio::server {

serving::serving(
    context given_,
    std::string section_,
    handler with_,
    const aio::server::limits& limits_,
    log::logger& log_
)
    : label(given_.name()), section(std::move(section_)), protocol_handler(std::move(with_)),
      shared_context(std::move(given_)), log(log_), limits(limits_),
      places(limits_.max_connections) {}

void serving::wake_lanes() noexcept {
    for (const auto& each : lanes)
        if (auto found = each.lock()) {
            async::loop& home = found->home();
            home.post([woken = std::move(found)] { woken->room(); });
        }
}

std::optional<async::time_point> serving::tell_full(async::time_point now) {
    const std::lock_guard lock(guard_);
    was_full_ = true;
    if (const auto unmentioned = fullness_.full(now.time_since_epoch()))
        log.warning(
            "Server({}) is full: it has {} connections, as many as max_connections allows; further "
            "ones wait{}",
            label,
            places.limit(),
            base::once_a_minute::unmentioned(*unmentioned)
        );
    const auto later = fullness_.unsaid_until();
    return later ? std::optional(async::time_point(*later)) : std::nullopt;
}

void serving::tell_left(async::time_point now) {
    if (!was_full_)
        return;
    const std::lock_guard lock(guard_);
    const std::size_t taken = places.taken();
    const auto lasted = fullness_.left(now.time_since_epoch(), taken, places.limit());
    if (fullness_.roomy())
        was_full_ = false;
    if (lasted)
        log.warning(
            "Server({}) has room again: {} of {} connections; it was full for {:.1f} s",
            label,
            taken,
            places.limit(),
            std::chrono::duration<double>(*lasted).count()
        );
}

void serving::tell_trouble(
    async::time_point now, trouble::failure place, std::string_view act, std::string_view cause
) {
    const std::lock_guard lock(guard_);
    const auto unmentioned = trouble_.failed(now.time_since_epoch(), place);
    in_trouble_ = trouble_.told();
    if (unmentioned)
        log.warning(
            "Server({}) cannot {}: {}{}",
            label,
            act,
            cause,
            base::once_a_minute::unmentioned(*unmentioned)
        );
}

void serving::tell_run_ended(trouble::run_end how, std::string_view acts) {
    const std::lock_guard lock(guard_);
    tell_recovered(trouble_.ended(how), acts);
}

void serving::tell_success() {
    const std::lock_guard lock(guard_);
    tell_recovered(trouble_.succeeded(), "accepts");
}

void serving::tell_recovered(std::optional<std::size_t> failures, std::string_view acts) {
    in_trouble_ = trouble_.told();
    if (failures)
        log.info("Server({}) {} again, after {} failures", label, acts, *failures);
}

void serving::tell_dropped(async::time_point now, std::string_view cause) {
    const std::lock_guard lock(guard_);
    if (const auto unmentioned = dropped_.note(now.time_since_epoch()))
        log.error(
            "Server({}) cannot serve a connection and closes it: {}{}",
            label,
            cause,
            base::once_a_minute::unmentioned(*unmentioned)
        );
}

void serving::tell_slow(async::time_point now, std::string_view connection, std::size_t unsent) {
    const std::lock_guard lock(guard_);
    if (const auto unmentioned = slow_.note(now.time_since_epoch()))
        log.warning(
            "Server({}) {} is closed: it does not read, and {} bytes are more than max_buffered = "
            "{}{}",
            label,
            connection,
            unsent,
            base::format(base::size{limits.max_buffered}),
            base::once_a_minute::unmentioned(*unmentioned)
        );
}

std::optional<async::time_point>
serving::tell_dropped_datagram(async::time_point now, const net::address& target) {
    const std::lock_guard lock(guard_);
    last_dropped_ = target;
    if (const auto count = drops_.dropped(now.time_since_epoch()))
        log_drops(*count);
    const auto later = drops_.unsaid_until();
    return later ? std::optional(async::time_point(*later)) : std::nullopt;
}

std::optional<async::time_point> serving::tell_drops(async::time_point now) {
    const std::lock_guard lock(guard_);
    if (const auto count = drops_.minute_over(now.time_since_epoch()))
        log_drops(*count);
    const auto later = drops_.unsaid_until();
    return later ? std::optional(async::time_point(*later)) : std::nullopt;
}

void serving::tell_last_drops() {
    const std::lock_guard lock(guard_);
    if (const std::uint64_t count = drops_.rest())
        log_drops(count);
}

void serving::log_drops(std::uint64_t count) {
    log.warning(
        "Server({}) has dropped {} datagram{}, the last for {}: no room to send{}",
        label,
        count,
        count == 1 ? "" : "s",
        base::visible(last_dropped_.text(), base::layout::log),
        last_dropped_.kind() == net::family::unix_path ? ", a peer that does not read takes it" : ""
    );
}

void serving::failed(std::string_view line, const std::exception_ptr& why) noexcept {
    const bool mistake = base::is_mistake(why);
    if (mistake && mistaken_.exchange(true))
        return;
    log.error("Server({}) {}: {}", label, line, base::message_of(why));
    if (!mistake)
        return;
    if (crash)
        crash(why);
    else
        shared_context.app().crashed(section, why);
}

} // namespace aio::server
