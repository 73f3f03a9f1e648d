#include <aio/config/load.hpp>
#include <aio/schedule/spec.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio;
using namespace std::chrono_literals;

namespace {

struct outcome {
    schedule::spec spec;
    base::diagnostics wrong;
    std::string text;
};

outcome read(
    std::string body,
    config::unknown undeclared = config::unknown::near_error,
    const config::schema* function = nullptr
) {
    config::inputs in;
    in.files.emplace_back("t.conf", std::move(body));
    const config::tree tree = config::merge(in);
    const config::section* from = tree.find("schedule/x");
    BOOST_REQUIRE(from);
    outcome out;
    out.spec = schedule::read_spec({*from, function, undeclared, out.wrong});
    out.text = base::render(out.wrong);
    return out;
}

outcome section(const std::string& body) {
    return read("[schedule/x]\nfunc = m.f\n" + body);
}

std::size_t errors(const std::string& body) {
    const outcome r = section(body);
    BOOST_TEST_INFO(r.text);
    return r.wrong.errors();
}

} // namespace

BOOST_AUTO_TEST_SUITE(spec)

BOOST_AUTO_TEST_CASE(what_is_not_given_has_its_default) {
    const outcome r = section("every = 2\n");
    BOOST_TEST(r.text == "");
    BOOST_TEST(r.spec.func == "m.f");
    BOOST_TEST((r.spec.every == 2s));
    BOOST_TEST(!r.spec.cron);
    BOOST_TEST(!r.spec.first_after_period);
    BOOST_TEST((r.spec.delay == 0s));
    BOOST_TEST((r.spec.spacing == schedule::spacing::start));
    BOOST_TEST((r.spec.overlap == schedule::overlap::allow));
    BOOST_TEST(r.spec.max_running == 100u);
    BOOST_TEST((r.spec.jitter == 0s));
    BOOST_TEST(!r.spec.timeout);
    BOOST_TEST((r.spec.on_error == schedule::on_error::go_on));
    BOOST_TEST(!r.spec.shield);
    BOOST_TEST(r.spec.place.name() == "UTC");
}

BOOST_AUTO_TEST_CASE(everything_given_is_read) {
    const outcome r = section(
        "every = 1m30s\nfirst = after\ndelay = 500ms\nspacing = end\noverlap = Queue\n"
        "max_running = 3\njitter = 1s\ntimeout = 10\ncb = m.c\nerr = m.e\non_error = CRASH\n"
        "shield = yes\nlabel = l\n"
    );
    BOOST_TEST(r.text == "");
    BOOST_TEST((r.spec.every == 90s));
    BOOST_TEST(r.spec.first_after_period);
    BOOST_TEST((r.spec.delay == 500ms));
    BOOST_TEST((r.spec.spacing == schedule::spacing::end));
    BOOST_TEST((r.spec.overlap == schedule::overlap::queue));
    BOOST_TEST(r.spec.max_running == 3u);
    BOOST_TEST((r.spec.jitter == 1s));
    BOOST_TEST((r.spec.timeout == 10s));
    BOOST_TEST(r.spec.cb == "m.c");
    BOOST_TEST(r.spec.err == "m.e");
    BOOST_TEST((r.spec.on_error == schedule::on_error::crash));
    BOOST_TEST(r.spec.shield);
    BOOST_TEST(r.spec.common.label == "l");
}

BOOST_AUTO_TEST_CASE(cron_and_its_zone) {
    const outcome r = section("cron = 0 20 * * *\ntimezone = Europe/Berlin\ntimeout = none\n");
    BOOST_TEST(r.text == "");
    BOOST_TEST(r.spec.cron.has_value());
    BOOST_TEST(r.spec.place.name() == "Europe/Berlin");
    BOOST_TEST(!r.spec.timeout);
}

BOOST_AUTO_TEST_CASE(case_45_options_of_the_functions_own) {
    BOOST_TEST(section("every = 1\nextra = 42\n").text == "");
    BOOST_TEST(section("every = 1\nextra = 42\n").spec.options.text("extra").value() == "42");

    config::schema own;
    own.option("grace", 5s, "");
    const outcome r =
        read("[schedule/x]\nfunc = m.f\nevery = 1\ngrace = 1m\n", config::unknown::error, &own);
    BOOST_TEST(r.text == "");
    BOOST_TEST((r.spec.options.get<base::duration>("grace") == 1min));
    BOOST_TEST(
        read("[schedule/x]\nfunc = m.f\nevery = 1\nextra = 42\n", config::unknown::error, &own)
            .wrong.errors() == 1u
    );
}

BOOST_AUTO_TEST_CASE(case_46_a_missing_or_bad_period_and_a_missing_function) {
    BOOST_TEST(errors("every = 0.5\n") == 0u); // ours are finer than a second
    BOOST_TEST(errors("every = 1ms\n") == 0u);
    BOOST_TEST(errors("every = 0\n") == 1u);
    BOOST_TEST(errors("every = 0.0001\n") == 1u);
    BOOST_TEST(errors("every = -2\n") == 1u);
    BOOST_TEST(errors("every = soon\n") == 1u);
    BOOST_TEST(errors("every =\n") == 1u);
    BOOST_TEST(errors("") == 1u);
    BOOST_TEST(read("[schedule/x]\nevery = 1\n").wrong.errors() == 1u);
    BOOST_TEST(read("[schedule/x]\nfunc =\nevery = 1\n").wrong.errors() == 1u);
    BOOST_TEST(read("[schedule/x]\n").wrong.errors() == 2u);
}

BOOST_AUTO_TEST_CASE(one_of_every_and_cron) {
    const outcome both = section("every = 1\ncron = @daily\n");
    BOOST_REQUIRE(both.wrong.errors() == 1u);
    BOOST_TEST(both.text.find("t.conf:4:1: error: [schedule/x] has both every and cron") == 0u);
    BOOST_TEST(
        section("").text.find("t.conf:1:1: error: [schedule/x] needs one of every and cron") == 0u
    );
}

BOOST_AUTO_TEST_CASE(options_of_the_other_way) {
    BOOST_TEST(errors("cron = @daily\nfirst = after\n") == 1u);
    BOOST_TEST(errors("cron = @daily\nspacing = end\n") == 1u);
    BOOST_TEST(errors("cron = @daily\ndelay = 1\n") == 1u);
    BOOST_TEST(errors("every = 1\ntimezone = Europe/Berlin\n") == 1u);
    // [DEFAULT] may serve both kinds
    const std::string inherited = "[DEFAULT]\ntimezone = Europe/Berlin\nspacing = end\n";
    BOOST_TEST(read(inherited + "[schedule/x]\nfunc = m.f\nevery = 1\n").text == "");
    BOOST_TEST(read(inherited + "[schedule/x]\nfunc = m.f\ncron = @daily\n").text == "");
}

BOOST_AUTO_TEST_CASE(bad_words_and_numbers) {
    BOOST_TEST(errors("every = 1\noverlap = drop\n") == 1u);
    BOOST_TEST(errors("every = 1\nfirst = later\n") == 1u);
    BOOST_TEST(errors("every = 1\nspacing = middle\n") == 1u);
    BOOST_TEST(errors("every = 1\non_error = ignore\n") == 1u);
    BOOST_TEST(errors("every = 1\nmax_running = 0\n") == 1u);
    BOOST_TEST(errors("every = 1\ntimeout = 0\n") == 1u);
    BOOST_TEST(errors("every = 1\nshield = perhaps\n") == 1u);
    BOOST_TEST(errors("every = 1\njitter = 1\n") == 1u);
    BOOST_TEST(errors("every = 1\nrestart = often\n") == 1u);
    BOOST_TEST(errors("every = 1\nevry = 1\n") == 1u);
}

BOOST_AUTO_TEST_CASE(mistakes_are_collected) {
    BOOST_TEST(
        read("[schedule/x]\nevery = 0\noverlap = no\ntimezone = Mars/Phobos\nshield = 7\n")
            .wrong.errors() == 6u // with func missing and timezone beside every
    );
}

BOOST_AUTO_TEST_CASE(a_bad_cron_field_is_shown_where_it_stands) {
    const outcome r = section("cron = 0 25 * * *\n");
    BOOST_TEST(
        r.text == "t.conf:3:10: error: [schedule/x] cron: hour 25 is outside 0-23\n"
                  "    cron = 0 25 * * *\n"
                  "             ^\n"
    );
    const outcome never = section("cron = 0 0 30 feb *\n");
    BOOST_TEST(never.text.find("t.conf:3:12: error: [schedule/x] cron: never fires") == 0u);
}

BOOST_AUTO_TEST_CASE(an_unknown_zone_gets_the_nearest_names) {
    const outcome r = section("cron = @daily\ntimezone = Europe/Berln\n");
    BOOST_TEST(r.text.find("unknown time zone 'Europe/Berln'") != std::string::npos);
    BOOST_TEST(r.text.find("did you mean 'Europe/Berlin'") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
