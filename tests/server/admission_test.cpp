#include <aio/server/admission.hpp>

#include <boost/test/unit_test.hpp>

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

using namespace aio::server;

namespace {

constexpr admission::used everything{true, true, true, true, true};
constexpr unsigned finding_count = static_cast<unsigned>(finding::handshake_late) + 1;

std::vector<step> way(const admission& rules) {
    std::vector<step> all{admission::first()};
    while (all.back() != step::serve)
        all.push_back(rules.judge(all.back(), finding::good).next);
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(admission_)

BOOST_AUTO_TEST_CASE(each_finding_of_each_step_has_its_ruling) {
    const struct {
        step where;
        finding what;
        verdict then;
        step next;
        std::optional<refusal> why;
    } all[] = {
        {step::descriptors, finding::good, verdict::go_on, step::places, {}},
        {step::descriptors, finding::no_descriptor, verdict::wait, step::descriptors, {}},
        {step::places, finding::good, verdict::go_on, step::rate, {}},
        {step::places, finding::full_waits, verdict::wait, step::places, {}},
        {step::places, finding::full_refuses, verdict::refuse, step::places, refusal::full},
        {step::rate, finding::good, verdict::go_on, step::accept, {}},
        {step::rate, finding::too_early, verdict::wait, step::rate, {}},
        {step::accept, finding::good, verdict::go_on, step::proxy_peer, {}},
        {step::accept, finding::nothing_accepted, verdict::wait, step::accept, {}},
        {step::proxy_peer, finding::good, verdict::go_on, step::proxy, {}},
        {step::proxy_peer, finding::proxy_skipped, verdict::go_on, step::networks, {}},
        {step::proxy_peer,
         finding::proxy_stranger,
         verdict::reset,
         step::proxy_peer,
         refusal::network},
        {step::proxy, finding::good, verdict::go_on, step::networks, {}},
        {step::proxy, finding::header_of_proxy, verdict::go_on, step::tls, {}},
        {step::proxy, finding::header_incomplete, verdict::wait, step::proxy, {}},
        {step::proxy, finding::header_wrong, verdict::reset, step::proxy, refusal::proxy},
        {step::proxy, finding::header_late, verdict::reset, step::proxy, refusal::proxy},
        {step::networks, finding::good, verdict::go_on, step::address, {}},
        {step::networks, finding::not_permitted, verdict::reset, step::networks, refusal::network},
        {step::address, finding::good, verdict::go_on, step::tls, {}},
        {step::address, finding::too_many, verdict::reset, step::address, refusal::address},
        {step::address, finding::too_fast, verdict::reset, step::address, refusal::rate},
        {step::tls, finding::good, verdict::go_on, step::serve, {}},
        {step::tls, finding::no_slot, verdict::wait, step::tls, {}},
        {step::tls, finding::handshake_under_way, verdict::wait, step::tls, {}},
        {step::tls, finding::handshake_failed, verdict::close, step::tls, refusal::handshake},
        {step::tls, finding::handshake_late, verdict::close, step::tls, refusal::handshake},
        {step::serve, finding::good, verdict::go_on, step::serve, {}},
    };

    BOOST_TEST(std::size(all) == admission::table().size());
    const admission rules(everything);
    for (const auto& each : all) {
        BOOST_TEST_CONTEXT(
            "step " << static_cast<int>(each.where) << ", finding " << static_cast<int>(each.what)
        ) {
            const ruling made = rules.judge(each.where, each.what);
            BOOST_TEST((made.what == each.then));
            BOOST_TEST((made.why == each.why));
            BOOST_TEST((made.next == each.next));
        }
    }
}

BOOST_AUTO_TEST_CASE(each_finding_belongs_to_one_step_and_has_one_row) {
    std::map<finding, std::set<step>> places;
    std::set<std::pair<step, finding>> seen;
    for (const admission::row& each : admission::table()) {
        places[each.what].insert(each.where);
        BOOST_TEST(seen.emplace(each.where, each.what).second);
    }
    BOOST_TEST(places.size() == finding_count);
    for (const auto& [what, where] : places)
        BOOST_TEST(where.size() == (what == finding::good ? step_count : 1U));
}

BOOST_AUTO_TEST_CASE(what_ends_a_connection_has_a_reason_and_nothing_else_has) {
    for (const admission::row& each : admission::table()) {
        const bool stays = each.then == verdict::go_on || each.then == verdict::wait;
        BOOST_TEST(each.why.has_value() != stays);
        if (each.jump)
            BOOST_TEST((each.then == verdict::go_on && *each.jump >= each.where));
    }
}

BOOST_AUTO_TEST_CASE(a_finding_of_another_step_is_never_served) {
    const admission rules(everything);
    for (unsigned where = 0; where < step_count; ++where)
        for (unsigned what = 0; what < finding_count; ++what) {
            bool known = false;
            for (const admission::row& each : admission::table())
                known |= each.where == step(where) && each.what == finding(what);
            if (!known)
                BOOST_TEST((rules.judge(step(where), finding(what)).what == verdict::close));
        }
}

BOOST_AUTO_TEST_CASE(steps_without_an_option_are_left_out) {
    using enum step;

    const struct {
        admission::used used;
        std::vector<step> way;
    } all[] = {
        {{}, {descriptors, places, accept, serve}},
        {{.accept_rate = true}, {descriptors, places, step::rate, accept, serve}},
        {{.proxy = true}, {descriptors, places, accept, proxy_peer, proxy, serve}},
        {{.networks = true, .tls = true}, {descriptors, places, accept, networks, tls, serve}},
        {{.address = true}, {descriptors, places, accept, address, serve}},
        {everything,
         {descriptors, places, step::rate, accept, proxy_peer, proxy, networks, address, tls, serve}
        },
    };

    for (const auto& each : all)
        BOOST_TEST((way(admission(each.used)) == each.way));
}

BOOST_AUTO_TEST_CASE(a_jump_over_steps_ends_at_one_that_is_used) {
    const admission plain({.proxy = true});
    BOOST_TEST((plain.judge(step::proxy_peer, finding::proxy_skipped).next == step::serve));
    BOOST_TEST((plain.judge(step::proxy, finding::header_of_proxy).next == step::serve));
    const admission secured({.proxy = true, .address = true, .tls = true});
    BOOST_TEST((secured.judge(step::proxy_peer, finding::proxy_skipped).next == step::address));
    BOOST_TEST((secured.judge(step::proxy, finding::header_of_proxy).next == step::tls));
}

BOOST_AUTO_TEST_SUITE_END()
