#include <aio/config/load.hpp>
#include <aio/process/spec.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

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

outcome read(const std::string& body, const std::string& directory = {}) {
    config::inputs in;
    in.files.emplace_back("t.conf", "[process/x]\n" + body);
    const config::tree tree = config::merge(in);
    outcome out;
    out.spec = process::read_spec(*tree.find("process/x"), directory, out.wrong);
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
    BOOST_TEST((r.spec.stop_whom == process::reach::group));
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
    BOOST_TEST((r.spec.stop_whom == process::reach::process));
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
    has(read("command = /tmp\n"), "there is no program '/tmp'");
    has(read("command = cat\nstop_signal = HALT\n"),
        "t.conf:3:1: error: [process/x] stop_signal: there is no signal 'HALT'");
    has(read("command = cat\nenv = A=1\n    B\n"), "t.conf:4:5: error: [process/x] env: an entry");
    has(read("command = cat\nenv = =1\n"), "is not NAME=VALUE");
    has(read("command = cat\nworking_directory = /no/such\n"), "there is no folder '/no/such'");
    has(read("command = cat\ncount = 0\n"), "count");
    has(read("command = cat\ncomand = x\n"), "unknown option 'comand'");
    has(read("command = cat\nanything = x\n"), "unknown option 'anything'");
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

BOOST_AUTO_TEST_SUITE_END()
