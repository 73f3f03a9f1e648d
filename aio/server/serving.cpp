#include <aio/async/virtual_clock.hpp>
#include <aio/base/exception.hpp>
#include <aio/base/mistake.hpp>
#include <aio/base/units.hpp>
#include <aio/base/visible.hpp>
#include <aio/server/farewell.hpp>
#include <aio/server/lane.hpp>
#include <aio/server/serving.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>

namespace aio::server {

namespace {

/// A browser opens some connections at once.
constexpr std::uint32_t least_client_burst = 10;

std::uint32_t burst_of(base::rate rate, std::uint32_t least) noexcept {
    constexpr double most = 1e9;
    return std::max(least, static_cast<std::uint32_t>(std::min(std::ceil(rate.per_second), most)));
}

std::unique_ptr<resilience::shared_gcra> rate_of(const aio::server::limits& limits) {
    if (!limits.accept_rate)
        return nullptr;
    const base::rate rate = *limits.accept_rate;
    return std::make_unique<resilience::shared_gcra>(rate, burst_of(rate, 1));
}

std::uint64_t seed_of(aio::service::runtime& app) {
    if (const auto* simulated = app.main_loop().simulation())
        return simulated->seed();
    std::random_device source;
    return std::uint64_t{source()} << 32 | source();
}

std::unique_ptr<addresses>
clients_of(const aio::server::limits& limits, aio::service::runtime& app) {
    address_limits each;
    each.connections = limits.address_connections;
    if (limits.address_rate)
        each.rate.emplace(*limits.address_rate, burst_of(*limits.address_rate, least_client_burst));
    each.v4_prefix = limits.address_prefix.v4;
    each.v6_prefix = limits.address_prefix.v6;
    return each.unset() ? nullptr : std::make_unique<addresses>(each, seed_of(app));
}

admission steps_of(const aio::server::limits& limits) noexcept {
    admission::used used;
    used.accept_rate = limits.accept_rate.has_value();
    used.proxy = limits.proxy.has_value();
    used.networks = !limits.networks.empty();
    used.address = limits.address_connections || limits.address_rate;
    return admission(used);
}

} // namespace

serving::serving(
    context given_,
    std::string section_,
    handler with_,
    const aio::server::limits& limits_,
    log::logger& log_
)
    : label(given_.name()), section(std::move(section_)), protocol_handler(std::move(with_)),
      shared_context(std::move(given_)), log(log_), limits(limits_),
      places(limits_.max_connections), accept_rate(rate_of(limits_)),
      clients(clients_of(limits_, shared_context.app())),
      refused(
          log_,
          label,
          limits_.address_prefix.v4,
          limits_.address_prefix.v6,
          takes_datagrams(protocol_handler) ? "datagrams" : "connections"
      ),
      admission_(steps_of(limits_)) {}

ruling serving::greet(const net::address& peer, async::time_point now) {
    if (admission_.has(step::proxy_peer)) {
        const finding who = limits.proxy->skip.contains(peer)   ? finding::proxy_skipped
                            : limits.proxy->from.contains(peer) ? finding::good
                                                                : finding::proxy_stranger;
        const ruling made = admission_.judge(step::proxy_peer, who);
        if (made.what != verdict::go_on || made.next == step::proxy)
            return made;
    }
    return admit(peer, now);
}

ruling serving::admit(const net::address& client, async::time_point now) {
    if (admission_.has(step::networks) && !limits.networks.permit(client))
        return admission_.judge(step::networks, finding::not_permitted);
    if (!admission_.has(step::address))
        return {};
    switch (clients->enter(client, now.time_since_epoch())) {
    case addresses::answer::too_many:
        return admission_.judge(step::address, finding::too_many);
    case addresses::answer::too_fast:
        return admission_.judge(step::address, finding::too_fast);
    case addresses::answer::admitted:
        break;
    }
    return admission_.judge(step::address, finding::good);
}

std::string serving::last_word() const {
    std::string word = protocol_handler.refused(shared_context);
    if (word.size() > farewell::longest)
        throw std::length_error(fmt::format(
            "refused() of the protocol gives {} bytes, more than {}", word.size(), farewell::longest
        ));
    return word;
}

void serving::wake_lanes() noexcept {
    for (const auto& each : lanes)
        if (const auto found = each.lock())
            found->wake();
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

void serving::tell_dropped(async::time_point now, const std::exception_ptr& why) noexcept {
    tell_once_a_minute(dropped_, "cannot serve a connection and closes it", now, why);
}

void serving::tell_once_a_minute(
    base::once_a_minute& told,
    std::string_view line,
    async::time_point now,
    const std::exception_ptr& why
) noexcept {
    const std::lock_guard lock(guard_);
    try {
        if (const auto unmentioned = told.note(now.time_since_epoch()))
            log.error(
                "Server({}) {}: {}{}",
                label,
                line,
                base::message_of(why),
                base::once_a_minute::unmentioned(*unmentioned)
            );
    } catch (const std::exception&) { // no memory for the text
    }
}

void serving::tell_slow(
    async::time_point now, std::string_view connection, std::size_t bytes, std::size_t files
) {
    const std::lock_guard lock(guard_);
    const auto unmentioned = slow_.note(now.time_since_epoch());
    if (!unmentioned)
        return;
    const std::string limit =
        files > net::transport::most_files
            ? fmt::format("files wait for its peer, more than {}", net::transport::most_files)
            : fmt::format(
                  "bytes wait for its peer, more than max_buffered = {}",
                  base::format(base::size{limits.max_buffered})
              );
    log.warning(
        "Server({}) {} is closed: {} {}{}",
        label,
        connection,
        files > net::transport::most_files ? files : bytes,
        limit,
        base::once_a_minute::unmentioned(*unmentioned)
    );
}

std::optional<async::time_point>
serving::tell_dropped_datagram(async::time_point now, const net::address& target, bool too_long) {
    const std::lock_guard lock(guard_);
    last_dropped_ = target;
    last_was_too_long_ = too_long;
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
        "Server({}) has dropped {} datagram{}, the last for {}: {}",
        label,
        count,
        count == 1 ? "" : "s",
        base::visible(last_dropped_.text(), base::layout::log),
        last_was_too_long_ ? "it is longer than the socket may send"
        : last_dropped_.kind() == net::family::unix_path
            ? "no room to send, a peer that does not read takes it"
            : "no room to send"
    );
}

void serving::failed(std::string_view line, const std::exception_ptr& why) noexcept {
    const bool mistake = base::is_mistake(why);
    if (mistake && mistaken_.exchange(true))
        return;
    try {
        log.error("Server({}) {}: {}", label, line, base::message_of(why));
    } catch (const std::bad_alloc&) { // no memory for the text
    }
    if (!mistake)
        return;
    if (crash)
        crash(why);
    else
        shared_context.app().crashed(section, why);
}

void serving::tell_refusal_failed(async::time_point now, const std::exception_ptr& why) noexcept {
    constexpr std::string_view line = "cannot say the last word of its protocol";
    if (base::is_mistake(why))
        failed(line, why);
    else
        tell_once_a_minute(unsaid_, line, now, why);
}

} // namespace aio::server
