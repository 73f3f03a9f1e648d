#include <aio/async/loop.hpp>
#include <aio/async/seeded.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/net/race.hpp>
#include <aio/testing/case.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace aio;
using namespace std::chrono_literals;
using net::address;
using net::race;
using net::race_rules;

namespace {

constexpr async::time_point zero{};

std::vector<address> addresses(const std::vector<std::string>& literals) {
    std::vector<address> made;
    for (const std::string& each : literals)
        made.push_back(*address::parse(each, 80));
    return made;
}

std::string text(const std::vector<address>& all) {
    std::string made;
    for (const address& each : all)
        made += (made.empty() ? "" : " ") + each.host();
    return made;
}

std::string text(const race::action& action) {
    struct words {
        std::string operator()(const race::start& a) {
            return "start " + std::to_string(a.attempt);
        }

        std::string operator()(const race::arm& a) {
            return a.moment == async::never ? "disarm" : "arm " + base::format((a.moment - zero));
        }

        std::string operator()(const race::close& a) {
            return "close " + std::to_string(a.attempt);
        }

        std::string operator()(const race::done& a) { return "done " + std::to_string(a.attempt); }

        std::string operator()(const race::fail& a) { return std::string("fail ") + a.why.what(); }
    };

    return std::visit(words{}, action);
}

struct table {
    race_rules rules;
    std::optional<race> running;

    void begin(const std::vector<std::string>& literals) {
        running.emplace(rules);
        list = addresses(literals);
    }

    std::string step(base::duration time, std::vector<race::event> turn) {
        if (!running)
            running.emplace(rules);
        std::string all;
        for (const race::action& each : running->step(turn, zero + time))
            all += (all.empty() ? "" : ", ") + text(each);
        return all;
    }

    race::names names() const { return {list}; }

    std::vector<address> list;
};

} // namespace

BOOST_AUTO_TEST_SUITE(race_)

BOOST_AUTO_TEST_CASE(families_take_turns_beginning_with_that_of_the_first_answer) {
    const struct {
        std::vector<std::string> found;
        std::string order;
    } all[] = {
        {{"::1", "::2", "1.0.0.1", "1.0.0.2"}, "::1 1.0.0.1 ::2 1.0.0.2"},
        {{"1.0.0.1", "1.0.0.2", "::1"}, "1.0.0.1 ::1 1.0.0.2"},
        {{"1.0.0.1", "1.0.0.2"}, "1.0.0.1 1.0.0.2"},
        {{"::1", "1.0.0.1", "1.0.0.2", "1.0.0.3"}, "::1 1.0.0.1 1.0.0.2 1.0.0.3"},
        {{"::1", "::1", "1.0.0.1", "::1", "1.0.0.1"}, "::1 1.0.0.1"},
        {{"::1", "::2", "::3", "::4", "1.0.0.1"}, "::1 1.0.0.1 ::2 ::3"},
        {{}, ""},
    };

    for (const auto& each : all)
        BOOST_TEST(text(net::interleave(addresses(each.found), 4)) == each.order);
}

BOOST_FIXTURE_TEST_CASE(the_second_address_is_tried_while_the_first_still_connects, table) {
    begin({"::1", "10.0.0.1"});
    BOOST_TEST(step(0s, {names()}) == "start 0, arm 250ms");
    BOOST_TEST(step(250ms, {race::timer{}}) == "start 1");
    BOOST_TEST(step(300ms, {race::connected{0}}) == "close 1, done 0");
}

BOOST_FIXTURE_TEST_CASE(after_a_failure_the_next_address_is_tried_at_once, table) {
    begin({"::1", "10.0.0.1", "::2"});
    BOOST_TEST(step(0s, {names()}) == "start 0, arm 250ms");
    BOOST_TEST(step(10ms, {race::failed{0, ECONNREFUSED}}) == "close 0, start 1, arm 260ms");
    BOOST_TEST(step(20ms, {race::connected{1}}) == "done 1");
    BOOST_TEST(running->over());
}

BOOST_FIXTURE_TEST_CASE(an_error_names_every_address_and_has_the_number_of_the_first, table) {
    rules.deadline = zero + 1s;
    begin({"::1", "10.0.0.1"});
    BOOST_TEST(step(0s, {}) == "arm 1s");
    BOOST_TEST(step(0s, {names()}) == "start 0, arm 250ms");
    BOOST_TEST(step(1ms, {race::failed{0, ECONNREFUSED}}) == "close 0, start 1, arm 1s");
    const auto end = running->step(race::timer{}, zero + 1s);
    BOOST_REQUIRE(end.size() == 2);
    BOOST_TEST(text(end[0]) == "close 1");
    const auto& failure = std::get<race::fail>(end[1]).why;
    BOOST_TEST(failure.code().value() == ECONNREFUSED);
    BOOST_TEST(
        failure.what() == std::string("[::1]:80: Connection refused; "
                                      "10.0.0.1:80: Connection timed out")
    );
}

BOOST_FIXTURE_TEST_CASE(without_a_delay_addresses_are_tried_one_after_the_other, table) {
    rules.attempt_delay = std::nullopt;
    rules.deadline = zero + 10s;
    begin({"::1", "10.0.0.1", "::2"});
    BOOST_TEST(step(0s, {names()}) == "start 0, arm 10s");
    BOOST_TEST(step(1s, {race::failed{0, ECONNREFUSED}}) == "close 0, start 1");
    BOOST_TEST(
        step(10s, {race::timer{}}) == "close 1, fail [::1]:80: Connection refused; 10.0.0.1:80: "
                                      "Connection timed out; [::2]:80: not tried"
    );
}

BOOST_FIXTURE_TEST_CASE(the_delay_has_bounds, table) {
    const struct {
        base::duration asked;
        const char* armed;
    } all[] = {{0s, "100ms"}, {1ms, "100ms"}, {300ms, "300ms"}, {1h, "2s"}};

    for (const auto& each : all) {
        rules.attempt_delay = each.asked;
        begin({"::1", "10.0.0.1"});
        BOOST_TEST(step(0s, {names()}) == std::string("start 0, arm ") + each.armed);
    }
}

BOOST_FIXTURE_TEST_CASE(one_address_needs_no_timer, table) {
    begin({"::1"});
    BOOST_TEST(step(0s, {names()}) == "start 0");
    BOOST_TEST(
        step(1s, {race::failed{0, EHOSTUNREACH}}) == "close 0, fail [::1]:80: No route to host"
    );
    begin({"::1", "::1"});
    BOOST_TEST(step(0s, {names()}) == "start 0");
}

BOOST_FIXTURE_TEST_CASE(a_connection_comes_before_a_timer_of_the_same_turn, table) {
    begin({"::1", "10.0.0.1"});
    BOOST_TEST(step(0s, {names()}) == "start 0, arm 250ms");
    BOOST_TEST(step(250ms, {race::timer{}, race::connected{0}}) == "done 0");
    BOOST_TEST(step(250ms, {race::timer{}}) == "");
}

BOOST_FIXTURE_TEST_CASE(of_two_connections_of_one_turn_one_is_closed, table) {
    begin({"::1", "10.0.0.1"});
    step(0s, {names()});
    step(250ms, {race::timer{}});
    BOOST_TEST(step(300ms, {race::connected{1}, race::connected{0}}) == "close 0, done 1");
    BOOST_TEST(step(300ms, {race::connected{0}}) == "");
}

BOOST_FIXTURE_TEST_CASE(a_cancellation_closes_all_and_comes_before_a_connection, table) {
    begin({"::1", "10.0.0.1"});
    step(0s, {names()});
    step(250ms, {race::timer{}});
    BOOST_TEST(step(300ms, {race::connected{1}, race::cancelled{}}) == "close 0, close 1");
    BOOST_TEST(running->over());
    BOOST_TEST(step(300ms, {race::connected{0}}) == "");
}

BOOST_FIXTURE_TEST_CASE(a_cancellation_before_the_names_starts_nothing_afterwards, table) {
    begin({"::1"});
    BOOST_TEST(step(0s, {race::cancelled{}}) == "");
    BOOST_TEST(step(0s, {names()}) == "");
}

BOOST_FIXTURE_TEST_CASE(a_name_without_an_address_or_an_answer_is_an_error, table) {
    begin({});
    BOOST_TEST(step(0s, {names()}) == "fail the name has no address");
    rules.deadline = zero + 1s;
    begin({"::1"});
    BOOST_TEST(step(0s, {}) == "arm 1s");
    BOOST_TEST(step(1s, {race::timer{}}) == "fail the name was not resolved in time");
    begin({"::1"});
    BOOST_TEST(step(2s, {names()}) == "fail [::1]:80: not tried");
}

BOOST_FIXTURE_TEST_CASE(the_oldest_attempt_makes_room_for_the_next_one, table) {
    rules.most_in_flight = 2;
    begin({"::1", "::2", "::3", "::4"});
    BOOST_TEST(step(0s, {names()}) == "start 0, arm 250ms");
    BOOST_TEST(step(250ms, {race::timer{}}) == "start 1, arm 500ms");
    BOOST_TEST(step(500ms, {race::timer{}}) == "close 0, start 2, arm 750ms");
    BOOST_TEST(step(600ms, {race::failed{0, ECONNREFUSED}}) == ""); // it is closed
    BOOST_TEST(step(700ms, {race::connected{2}}) == "close 1, done 2");
}

BOOST_FIXTURE_TEST_CASE(a_timer_that_fires_early_is_set_again, table) {
    begin({"::1", "::2"});
    step(0s, {names()});
    BOOST_TEST(step(100ms, {race::timer{}}) == "arm 250ms");
    BOOST_TEST(step(250ms, {}) == "start 1, disarm");
}

namespace {

// A check of Boost.Test costs more than the whole race.
#define PROMISE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            BOOST_ERROR(#condition);                                                               \
    } while (false)

// A network of addresses that connect, fail or never answer, and one race in it. Time goes by in
// steps of 10 ms, so that much happens in the same turn.
class random_world {
  public:
    explicit random_world(async::seeded random) : random_(random) {
        if (chance(4))
            rules_.attempt_delay.reset();
        else
            rules_.attempt_delay = pick(300) * 10ms;
        if (chance(2))
            rules_.deadline = zero + (1 + pick(600)) * 10ms;
        const std::size_t count = pick(26);
        for (std::size_t i = 0; i < count; ++i)
            found_.push_back(
                *address::parse((chance(2) ? "::" : "10.0.0.") + std::to_string(1 + pick(20)), 80)
            );
        for (std::size_t i = 0; i < rules_.most_addresses; ++i)
            fates_.push_back(fate{static_cast<outcome>(pick(3)), (1 + pick(60)) * 10ms});
        if (chance(4))
            cancelled_at_ = (1 + pick(200)) * 10ms;
        named_at_ = (1 + pick(40)) * 10ms;
    }

    void run() {
        race_.emplace(rules_);
        act(race_->step(std::span<const race::event>(), zero));
        while (!over_ && next() != never) {
            now_ = next();
            pass(turn());
        }
        // Whatever comes afterwards starts nothing.
        std::vector<race::event> late{race::timer{}, race::names{found_}};
        for (std::size_t i = 0; i < fates_.size(); ++i) {
            late.push_back(race::connected{i});
            late.push_back(race::failed{i, ECONNREFUSED});
        }
        for (const race::event& each : late)
            if (over_)
                PROMISE(race_->step(each, zero + now_).empty());
    }

    void check() const {
        const bool waits_for_ever = !over_;
        if (waits_for_ever) {
            PROMISE((rules_.deadline == async::never));
            PROMISE(black_holes_open());
            return;
        }
        PROMISE(done_ + failed_ + cancelled_ == 1);
        for (const auto& [attempt, open] : open_)
            PROMISE(open == (done_ == 1 && attempt == winner_));
        if (done_)
            PROMISE((fates_[winner_].how == outcome::connects));
        if (rules_.deadline != async::never)
            PROMISE((zero + now_ <= rules_.deadline));
        check_reach();
        if (race_->addresses().size() <= 1)
            PROMISE(!attempt_timer_);
    }

  private:
    enum class outcome { connects, fails, silent };

    struct fate {
        outcome how;
        base::duration after;
    };

    std::uint64_t pick(std::uint64_t below) { return random_.below(below); }

    bool chance(std::uint64_t in) { return pick(in) == 0; }

    bool black_holes_open() const {
        if (named_at_ > now_)
            return true;
        return std::ranges::any_of(open_, [&](const auto& each) {
            return each.second && fates_[each.first].how == outcome::silent;
        });
    }

    // When something happens next.
    base::duration next() const {
        base::duration first = never;
        const auto note = [&](base::duration time) {
            if (time > now_)
                first = std::min(first, time);
        };
        note(named_at_);
        note(cancelled_at_);
        for (const auto& [attempt, at] : starts_)
            if (open_.at(attempt) && fates_[attempt].how != outcome::silent)
                note(at + fates_[attempt].after);
        if (timer_ != async::never)
            note(std::max(timer_ - zero, now_ + 1ns));
        return first;
    }

    std::vector<race::event> turn() {
        std::vector<race::event> all;
        if (now_ == named_at_)
            all.push_back(race::names{found_});
        for (const auto& [attempt, at] : starts_)
            if (open_.at(attempt) && at + fates_[attempt].after == now_)
                report(attempt, all);
        if (timer_ <= zero + now_) {
            timer_ = async::never;
            all.push_back(race::timer{});
        }
        if (cancelled_at_ == now_)
            all.push_back(race::cancelled{});
        for (std::size_t i = all.size(); i > 1; --i)
            std::swap(all[i - 1], all[pick(i)]);
        return all;
    }

    void report(std::size_t attempt, std::vector<race::event>& all) const {
        if (fates_[attempt].how == outcome::connects)
            all.push_back(race::connected{attempt});
        else if (fates_[attempt].how == outcome::fails)
            all.push_back(race::failed{attempt, ECONNREFUSED});
    }

    // All events at once, or one by one: a loop may see them in several turns.
    void pass(const std::vector<race::event>& all) {
        const bool together = chance(2);
        const auto has = [&](auto wanted) {
            return std::ranges::any_of(all, [&](const race::event& each) {
                return each.index() == race::event(wanted).index();
            });
        };
        connected_now_ = together && has(race::connected{0});
        if (together) {
            cancelled_ = has(race::cancelled{}) && !over_;
            act(race_->step(all, zero + now_));
        } else {
            for (const race::event& each : all) {
                cancelled_ =
                    cancelled_ || (!over_ && std::holds_alternative<race::cancelled>(each));
                act(race_->step(each, zero + now_));
            }
        }
        if (cancelled_)
            over_ = true;
    }

    void act(const std::vector<race::action>& all) {
        if (over_)
            PROMISE(all.empty());
        if (all.empty())
            return;
        for (const race::action& each : all)
            std::visit([this](const auto& what) { on(what); }, each);
        PROMISE(std::ranges::count_if(open_, [](const auto& o) { return o.second; }) <= 6);
    }

    void on(const race::start& a) {
        PROMISE(!over_);
        PROMISE(!connected_now_);
        PROMISE(!open_.contains(a.attempt));
        PROMISE(a.attempt == starts_.size());
        open_[a.attempt] = true;
        starts_[a.attempt] = now_;
    }

    void on(const race::arm& a) {
        timer_ = a.moment;
        attempt_timer_ = attempt_timer_ || a.moment != rules_.deadline;
    }

    void on(const race::close& a) {
        PROMISE(open_.at(a.attempt));
        open_[a.attempt] = false;
    }

    void on(const race::done& a) {
        PROMISE(!over_);
        PROMISE(open_.at(a.attempt));
        over_ = true;
        ++done_;
        winner_ = a.attempt;
    }

    void on(const race::fail&) {
        PROMISE(!over_);
        over_ = true;
        ++failed_;
    }

    // Each address before a working one holds it up for a delay at most.
    void check_reach() const {
        if (!rules_.attempt_delay || cancelled_)
            return;
        const auto delay = std::clamp<base::duration>(
            *rules_.attempt_delay, race_rules::shortest_delay, race_rules::longest_delay
        );
        for (const auto& [attempt, at] : starts_)
            PROMISE((at <= named_at_ + attempt * delay));
        if (failed_ && zero + now_ < rules_.deadline)
            PROMISE(starts_.size() == race_->addresses().size());
    }

    static constexpr auto never = base::duration::max();

    async::seeded random_;
    race_rules rules_;
    std::vector<address> found_;
    std::vector<fate> fates_;
    base::duration cancelled_at_ = never;
    base::duration named_at_{};

    std::optional<race> race_;
    base::duration now_{};
    async::time_point timer_ = async::never;
    std::map<std::size_t, bool> open_;
    std::map<std::size_t, base::duration> starts_;
    std::size_t winner_ = 0;
    int done_ = 0, failed_ = 0;
    bool cancelled_ = false, over_ = false, connected_now_ = false, attempt_timer_ = false;
};

} // namespace

AIO_SIMULATED_TEST_CASE(every_race_keeps_its_promises, 10'000) {
    auto& time = *async::loop::of(co_await boost::asio::this_coro::executor)->simulation();
    random_world world(async::seeded(time.random()));
    world.run();
    world.check();
}

BOOST_AUTO_TEST_SUITE_END()
