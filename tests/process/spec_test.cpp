#include <aio/config/load.hpp>
#include <aio/process/argument_limit.hpp>
#include <aio/process/spec.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <csignal>
#include <filesystem>

using namespace aio;
using namespace std::chrono_literals;

namespace {

struct outcome {
    process::spec spec;
    base::diagnostics wrong;
    std::string text;
};

outcome
read(const std::string& body, const std::string& directory = {}, uid_t aio_is = ::geteuid()) {
    config::inputs in;
    in.files.emplace_back("t.conf", "[process/x]\n" + body);
    const config::tree tree = config::merge(in);
    outcome out;
    service::planning with;
    with.directory = directory;
    with.who.user = aio_is;
    with.problems = &out.wrong;
    out.spec = process::read_spec(*tree.find("process/x"), with);
    out.text = base::render(out.wrong);
    return out;
}

void has(const outcome& from, std::string_view part) {
    BOOST_TEST(from.wrong.size() == 1u);
    BOOST_TEST_INFO(from.text);
    BOOST_TEST((from.text.find(part) != from.text.npos));
}

} // namespace

BOOST_AUTO_TEST_SUITE(spec_of_a_process)

BOOST_AUTO_TEST_CASE(what_is_not_given_has_its_default) {
    const outcome r = read("command = cat -u\n");
    BOOST_TEST(r.text == "");
    BOOST_TEST(r.spec.arguments == (std::vector<std::string>{"cat", "-u"}));
    BOOST_TEST(r.spec.shown == "cat");
    BOOST_TEST(r.spec.environment.empty());
    BOOST_TEST(r.spec.directory == "");
    BOOST_TEST(r.spec.stop_signal == SIGTERM);
    BOOST_TEST((r.spec.signalled == process::reach::group));
    BOOST_TEST(r.spec.count == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_given_is_read) {
    const outcome r = read("command = 'cat' \"a b\"\n"
                           "count = 3\nstop_signal = sigint\nstop_group = no\nstop_timeout = 2s\n"
                           "env =\n    A=1\n    B=x = y\nworking_directory = /tmp\n");
    BOOST_TEST(r.text == "");
    BOOST_TEST(r.spec.arguments == (std::vector<std::string>{"cat", "a b"}));
    BOOST_TEST(r.spec.environment == (base::list{"A=1", "B=x = y"}));
    BOOST_TEST(r.spec.directory == "/tmp");
    BOOST_TEST(r.spec.stop_signal == SIGINT);
    BOOST_TEST((r.spec.signalled == process::reach::process));
    BOOST_TEST((r.spec.common.stop_timeout == 2s));
    BOOST_TEST(r.spec.count == 3u);
}

BOOST_AUTO_TEST_CASE(a_shell_gets_the_command_as_it_is) {
    const outcome r = read("shell = yes\ncommand = cat 'x | tr a b > /dev/null\n");
    BOOST_TEST(r.text == "");
    BOOST_TEST(
        r.spec.arguments ==
        (std::vector<std::string>{"/bin/sh", "-c", "cat 'x | tr a b > /dev/null"})
    );
}

BOOST_AUTO_TEST_CASE(mistakes_are_said_at_their_places) {
    has(read(""), "t.conf:1:1: error: [process/x] needs the option 'command'");
    has(read("command =\n"), "t.conf:2:1: error: [process/x] command is empty");
    has(read("command = ''\n"), "command is empty");
    has(read("shell = yes\ncommand =\n"), "command is empty");
    has(read("command = cat 'a\n"), "t.conf:2:15: error: [process/x] command: the quote '");
    has(read("command = no-such-program-here -v\n"),
        "command: there is no program 'no-such-program-here' in PATH");
    has(read("command = /no/such/program\n"), "command: there is no program '/no/such/program'\n");
    has(read("command = /tmp\n"), "[process/x] command: '/tmp' is not a program");
    has(read("command = cat\nstop_signal = HALT\n"),
        "t.conf:3:1: error: [process/x] stop_signal: there is no signal 'HALT'");
    for (const char* name : {"STOP", "SIGCONT", "CHLD", "TSTP"})
        has(read("command = cat\nstop_signal = " + std::string(name) + "\n"),
            "t.conf:3:1: error: [process/x] stop_signal: " + std::string(name) + " ends no process"
        );
    has(read("command = cat\nenv = A=1\n    B\n"), "t.conf:4:5: error: [process/x] env: an entry");
    has(read("command = cat\nenv = =1\n"), "is not NAME=VALUE");
    has(read("command = cat\nworking_directory = /no/such\n"), "there is no folder '/no/such'");
    has(read("command = cat\ncount = 0\n"), "count");
    has(read("command = cat\ncomand = x\n"), "unknown option 'comand'");
    has(read("command = cat\nanything = x\n"), "unknown option 'anything'");
}

BOOST_AUTO_TEST_CASE(an_argument_that_the_system_does_not_take_is_an_error_at_its_place) {
    const std::size_t most = process::longest_argument();
    const std::string good(most, 'x'), bad(most + 1, 'x');
    BOOST_TEST(read("command = cat " + good + "\n").text == "");
    has(read("command = cat -u " + bad + "\n"), "t.conf:2:18: error: [process/x] command: an");
    has(read("command = cat '" + bad + "'\n"), "t.conf:2:15: error: [process/x] command: an");
    has(read("shell = yes\ncommand = " + bad + "\n"),
        "t.conf:3:11: error: [process/x] command: an");
    has(read("shell = yes\ncommand = " + bad + "\n"), "one argument of a program may have ");
    has(read("command = cat\nenv = A=b\n  LONG=" + bad + "\n"),
        "t.conf:4:3: error: [process/x] env: LONG has ");
}

BOOST_AUTO_TEST_CASE(a_line_for_a_shell_is_warned_of) {
    const outcome r = read("command = cat a | cat\n");
    BOOST_TEST(r.wrong.errors() == 0u);
    has(r, "t.conf:2:17: warning: [process/x] command: '|' means nothing without a shell");
}

BOOST_AUTO_TEST_CASE(relative_programs_are_looked_for_where_they_will_run) {
    const testing::temporary_folder folder;
    std::filesystem::create_directories(folder.path() / "app/bin");
    std::filesystem::create_symlink("/bin/cat", folder.path() / "app/bin/tool");
    const std::string body = "command = bin/tool\nworking_directory = app\n";
    BOOST_TEST(read(body, folder.path()).text == "");
    BOOST_TEST(read(body).wrong.errors() == 2u);
    has(read("command = bin/tool\n", folder.path()), "there is no program 'bin/tool'");
    BOOST_TEST(read("command = bin/tool\n", folder / "app").text == "");
    BOOST_TEST(read("command = tool\nenv = PATH=" + (folder / "app/bin") + "\n").text == "");
}

BOOST_AUTO_TEST_CASE(an_unknown_user_or_group_is_an_error_at_its_place) {
    const outcome both = read("command = cat\nuser = nosuchuser\ngroup = nosuchgroup", {}, 0);
    BOOST_TEST(both.wrong.size() == 2u);
    BOOST_TEST(
        (both.text.find("t.conf:3:1: error: [process/x] user: there is no user 'nosuchuser'") !=
         both.text.npos)
    );
    BOOST_TEST((
        both.text.find("t.conf:4:1: error: [process/x] group: there is no group") != both.text.npos
    ));
    has(read("command = cat\nuser = 4294967295", {}, 0), "there is no user '4294967295'");
}

BOOST_AUTO_TEST_CASE(only_root_can_make_a_process_of_another_user) {
    has(read("command = cat\nuser = root", {}, 12345),
        "t.conf:3:1: error: [process/x] only root can run a process as another user or group");
    has(read("command = cat\ngroup = 54321", {}, 12345),
        "t.conf:3:1: error: [process/x] only root");
    const outcome able = read("command = cat\nuser = nobody\ngroup = 12345", {}, 0);
    BOOST_TEST(able.text == "");
    BOOST_TEST(able.spec.as->user_name == "nobody");
    BOOST_TEST(able.spec.groups == aio::base::groups_of(*able.spec.as)); // no loop looks them up
    BOOST_TEST(able.spec.as->group == 12345u);
    const outcome number = read("command = cat\nuser = 54321", {}, 0); // it has no entry
    BOOST_TEST(number.text == "");
    BOOST_TEST(number.spec.as->user == 54321u);
    BOOST_TEST(number.spec.as->group == 54321u);
    BOOST_TEST(number.spec.as->home == "/");
    has(read("command = cat\nuser =", {}, 0), "[process/x] user: '' is empty");
    const outcome group_only = read("command = cat\ngroup = 54321", {}, 0);
    BOOST_TEST(group_only.spec.as->user == 0u);
    BOOST_TEST(group_only.spec.as->user_name == "");
}

BOOST_AUTO_TEST_CASE(who_aio_is_already_need_not_be_root) {
    const auto own = std::to_string(::geteuid());
    BOOST_TEST(!read("command = cat\nuser = " + own).spec.as);
    BOOST_TEST(!read("command = cat").spec.as);
}

BOOST_AUTO_TEST_CASE(what_is_there_but_no_program_is_told_apart) {
    has(read("command = /etc/passwd"),
        "t.conf:2:1: error: [process/x] command: '/etc/passwd' is "
        "not executable");
    has(read("command = ./passwd", "/etc"), "command: './passwd' is not executable");
    has(read("command = /etc"), "[process/x] command: '/etc' is not a program");
    has(read("command = ./no-such", "/etc"),
        "[process/x] command: there is no program './no-such'");
    BOOST_TEST(read("command = bin/env\nworking_directory = /usr").text == "");
    has(read("command = bin/env\nworking_directory = /etc"), "there is no program 'bin/env'");
}

BOOST_AUTO_TEST_SUITE_END()
