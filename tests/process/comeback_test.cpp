#include <aio/process/comeback.hpp>

#include <boost/test/unit_test.hpp>

#include <random>

using namespace std::chrono_literals;
using aio::process::comeback;
using aio::process::fate;
using aio::process::result;
using aio::service::restart;
using aio::service::strategy;
using aio::service::supervisor_spec;

namespace {

supervisor_spec by(strategy what = strategy::one_for_one) {
    supervisor_spec made;
    made.strategy = what;
    made.max_restarts = 2;
    made.over = 10s;
    made.backoff = 0s;
    return made;
}

struct fixture {
    fate::kind
    end(comeback& section, std::size_t which, result how, aio::base::duration time = 0s) {
        return section.on_end(which, how, time, jitter).what;
    }

    std::minstd_rand jitter;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(process_comeback, fixture)

BOOST_AUTO_TEST_CASE(who_comes_back_alone) {
    struct {
        restart policy;
        strategy how;
        std::size_t of_many;
        bool well;
        fate::kind what;
    } const cases[] = {
        {restart::never, strategy::one_for_one, 3, false, fate::kind::crash},
        {restart::never, strategy::one_for_one, 3, true, fate::kind::over},
        {restart::on_failure, strategy::one_for_one, 3, false, fate::kind::again},
        {restart::on_failure, strategy::one_for_one, 3, true, fate::kind::over},
        {restart::always, strategy::one_for_one, 3, false, fate::kind::again},
        {restart::always, strategy::one_for_one, 3, true, fate::kind::again},
        {restart::always, strategy::one_for_one, 1, false, fate::kind::crash},
        {restart::always, strategy::one_for_one, 1, true, fate::kind::over},
        {restart::always, strategy::one_for_all, 3, false, fate::kind::crash},
        {restart::on_failure, strategy::rest_for_one, 3, false, fate::kind::crash},
        {restart::on_failure, strategy::forfeit_one, 3, false, fate::kind::crash},
        {restart::always, strategy::forfeit_all, 3, true, fate::kind::over},
    };

    for (const auto& one : cases) {
        comeback of(one.policy, by(one.how), one.of_many);
        BOOST_TEST(
            (end(of, 0, one.well ? result::success : result::failure) == one.what),
            "case " << &one - cases
        );
    }
}

BOOST_AUTO_TEST_CASE(each_has_the_restarts_for_itself) {
    comeback of(restart::on_failure, by(), 2);
    BOOST_TEST((end(of, 0, result::failure) == fate::kind::again));
    BOOST_TEST((end(of, 0, result::failure) == fate::kind::again));
    BOOST_TEST((end(of, 1, result::failure) == fate::kind::again));
    BOOST_TEST((end(of, 0, result::failure) == fate::kind::crash));
    BOOST_TEST((end(of, 1, result::failure) == fate::kind::again));
    BOOST_TEST((end(of, 0, result::failure, 11s) == fate::kind::again)); // the window has slid
    BOOST_TEST((end(of, 1, result::failure, 5s) == fate::kind::crash));
    of.clear();
    BOOST_TEST((end(of, 1, result::failure, 5s) == fate::kind::again));
}

BOOST_AUTO_TEST_CASE(its_back_off_doubles_for_itself) {
    supervisor_spec slow = by();
    slow.max_restarts = 10;
    slow.backoff = 1s;
    slow.backoff_max = 3s;
    comeback of(restart::on_failure, slow, 2);
    const auto wait = [&](std::size_t which) {
        return of.on_end(which, result::failure, 0s, jitter);
    };
    for (const auto most : {1s, 2s, 3s, 3s}) {
        const fate next = wait(0);
        BOOST_TEST((next.after >= most / 2 && next.after <= most));
    }
    BOOST_TEST(wait(0).count == 5u);
    const fate other = wait(1);
    BOOST_TEST((other.after <= 1s));
    BOOST_TEST(other.count == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
