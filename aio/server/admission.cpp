#include <aio/server/admission.hpp>

#include <bit>

namespace aio::server {

namespace {

using enum verdict;
using row = admission::row;

constexpr row rows[] = {
    {step::descriptors, finding::good, go_on, {}, {}},
    {step::descriptors, finding::no_descriptor, wait, {}, {}},

    {step::places, finding::good, go_on, {}, {}},
    {step::places, finding::full_waits, wait, {}, {}},
    {step::places, finding::full_refuses, refuse, refusal::full, {}},

    {step::rate, finding::good, go_on, {}, {}},
    {step::rate, finding::too_early, wait, {}, {}},

    {step::accept, finding::good, go_on, {}, {}},
    {step::accept, finding::nothing_accepted, wait, {}, {}},

    // The rules for clients hold for the address that the header announces, not for the proxy.
    {step::proxy_peer, finding::good, go_on, {}, {}},
    {step::proxy_peer, finding::proxy_skipped, go_on, {}, step::networks},
    {step::proxy_peer, finding::proxy_stranger, reset, refusal::network, {}},

    {step::proxy, finding::good, go_on, {}, {}},
    {step::proxy, finding::header_of_proxy, go_on, {}, step::tls},
    {step::proxy, finding::header_incomplete, wait, {}, {}},
    {step::proxy, finding::header_wrong, reset, refusal::proxy, {}},
    {step::proxy, finding::header_late, reset, refusal::proxy, {}},

    {step::networks, finding::good, go_on, {}, {}},
    {step::networks, finding::not_permitted, reset, refusal::network, {}},

    {step::address, finding::good, go_on, {}, {}},
    {step::address, finding::too_many, reset, refusal::address, {}},
    {step::address, finding::too_fast, reset, refusal::rate, {}},

    {step::tls, finding::good, go_on, {}, {}},
    {step::tls, finding::no_slot, wait, {}, {}},
    {step::tls, finding::handshake_under_way, wait, {}, {}},
    {step::tls, finding::handshake_failed, close, refusal::handshake, {}},
    {step::tls, finding::handshake_late, close, refusal::handshake, {}},

    {step::serve, finding::good, go_on, {}, step::serve},
};

constexpr std::uint16_t bit(step which) noexcept {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(which));
}

} // namespace

admission::admission(const used& options) noexcept
    : steps_(static_cast<std::uint16_t>(
          bit(step::descriptors) | bit(step::places) | bit(step::accept) | bit(step::serve) |
          (options.accept_rate ? bit(step::rate) : 0) |
          (options.proxy ? bit(step::proxy_peer) | bit(step::proxy) : 0) |
          (options.networks ? bit(step::networks) : 0) |
          (options.address ? bit(step::address) : 0) | (options.tls ? bit(step::tls) : 0)
      )) {}

std::span<const admission::row> admission::table() noexcept {
    return rows;
}

// The last step is always used.
step admission::next_from(unsigned first) const noexcept {
    const unsigned skipped = static_cast<unsigned>(std::countr_zero(unsigned{steps_} >> first));
    return static_cast<step>(first + skipped);
}

ruling admission::judge(step where, finding what) const noexcept {
    const unsigned usual = static_cast<unsigned>(where) + 1;
    if (what == finding::good && where != step::serve)
        return {go_on, next_from(usual), {}};
    for (const row& each : rows) {
        if (each.where != where || each.what != what)
            continue;
        if (each.then != go_on)
            return {each.then, where, each.why};
        return {go_on, next_from(each.jump ? static_cast<unsigned>(*each.jump) : usual), {}};
    }
    return {close, where, {}}; // a finding of another step: never serve by mistake
}

} // namespace aio::server
