#include <aio/app/privileges.hpp>
#include <aio/config/load.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

using namespace aio;

namespace {

struct found {
    std::optional<app::identity> who;
    std::string said;
};

found look_up(const std::string& option, const std::string& name) {
    config::inputs in;
    in.files.emplace_back("t.conf", "[aio]\n" + option + " = " + name + "\n");
    app::settings of;
    (option == "user" ? of.user : of.group) = name;
    base::diagnostics problems;
    found out;
    out.who = app::find_identity(of, config::merge(in), problems);
    out.said = base::render(problems);
    return out;
}

bool says(const found& what, const std::string& part) {
    return what.said.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_privileges)

BOOST_AUTO_TEST_CASE(nobody_is_looked_up_when_nobody_is_named) {
    base::diagnostics problems;
    BOOST_TEST(!app::find_identity({}, config::tree{}, problems));
    BOOST_TEST(problems.empty());
}

BOOST_AUTO_TEST_CASE(names_and_numbers_are_both_understood) {
    BOOST_TEST(look_up("user", "root").who->user == 0u);
    BOOST_TEST(look_up("user", "0").who->user_name == "root");
    BOOST_TEST(look_up("user", "54321").who->user == 54321u); // it has no entry
    BOOST_TEST(look_up("user", "54321").who->group == 54321u);
    BOOST_TEST(look_up("group", "12345").who->group == 12345u);
    BOOST_TEST(look_up("group", "12345").who->user == ::geteuid());
}

BOOST_AUTO_TEST_CASE(an_unknown_name_is_an_error_at_its_place) {
    BOOST_TEST(
        says(look_up("user", "nosuchuser"), "t.conf:2:8: error: [aio] user: there is no user")
    );
    BOOST_TEST(says(look_up("group", "nosuchgroup"), "t.conf:2:9: error: [aio] group: there is no")
    );
}

BOOST_AUTO_TEST_CASE(numbers_that_no_user_and_no_group_can_have_are_refused) {
    // As an unsigned number of 32 bits these would be root, or "leave it as it is".
    for (const char* number : {"4294967296", "-4294967296", "-1", "4294967295"}) {
        BOOST_TEST(says(look_up("user", number), "there is no user"), number);
        BOOST_TEST(says(look_up("group", number), "there is no group"), number);
    }
}

BOOST_AUTO_TEST_CASE(a_process_that_may_leave_a_core_file_still_may_as_another_user) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: only root can become another user");
        return;
    }
    for (const int dumpable : {1, 0}) {
        const pid_t child = ::fork();
        if (child == 0) {
            ::prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0);
            app::identity nobody;
            nobody.user = nobody.group = 65534;
            app::become(nobody);
            ::_exit(
                ::geteuid() == 65534 && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == dumpable ? 0 : 1
            );
        }
        int status = 0;
        BOOST_TEST(::waitpid(child, &status, 0) == child);
        BOOST_TEST(status == 0, "dumpable " << dumpable);
    }
}

BOOST_AUTO_TEST_SUITE_END()
