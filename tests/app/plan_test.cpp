#include <aio/app/app.hpp>

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <string>

using namespace aio;

namespace {

/// Everything said about a configuration, rendered.
std::string said(const std::string& text) {
    app::load_request request;
    request.text.emplace("x.conf", text);
    request.surroundings = false;
    base::diagnostics problems = app::configure(request).problems;
    problems.sort();
    return base::render(problems);
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

const std::string tick = "every = 1\nfunc = aio.examples.tick\n";

const std::string serve = "protocol = aio.examples.echo\nport = 8080\n";

/// Two servers, each with these lines.
std::string two(const std::string& first, const std::string& second) {
    return said("[server/a]\n" + serve + first + "[server/b]\n" + serve + second);
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_plan)

BOOST_AUTO_TEST_CASE(a_good_configuration_says_nothing) {
    BOOST_TEST(said("[schedule/x]\n" + tick) == "");
}

BOOST_AUTO_TEST_CASE(case_46_a_missing_period_or_function_is_an_error) {
    BOOST_TEST(has(said("[schedule/x]\nfunc = aio.examples.tick\n"), "x.conf:1:1: error:"));
    BOOST_TEST(has(said("[schedule/x]\nevery = 1\n"), "func"));
}

BOOST_AUTO_TEST_CASE(case_50_51_a_server_without_protocol_or_port) {
    const std::string text = said("[server/x]\naddress = 127.0.0.1\n");
    BOOST_TEST(
        has(text, "Section [server/x] must specify one of factory or protocol to start server")
    );
    BOOST_TEST(has(text, "Section [server/x] must specify port to listen on"));
}

BOOST_AUTO_TEST_CASE(why_a_module_cannot_be_loaded_comes_first) {
    const std::string text =
        said("[server/x]\nprotocol = nowhere.echo\nport = 8080\n[schedule/x]\nevery = 1\n"
             "func = nowhere.tick\n[aio]\nmodules = nowhere\n[listen/x]\na = nowhere.a\n");
    BOOST_TEST(text.starts_with("x.conf:2:12: error: unknown module 'nowhere' in 'nowhere.echo'"));
    for (const std::string place : {"6:8", "8:11", "10:5"})
        BOOST_TEST(!has(text, "x.conf:" + place), text); // it is told once
}

BOOST_AUTO_TEST_CASE(what_a_missing_module_would_have_brought_is_not_reported_as_well) {
    const std::string text =
        said("[aio]\nmodules = my.nowhere\n[mine]\na = ${my.nowhere:name}\n"
             "b = ${my.nowhere/part:name}\nc = ${my.nowhere_else:name}\nd = ${mine:nothing}\n");
    BOOST_TEST(has(text, "x.conf:2:11: error: unknown module 'my.nowhere'"), text);
    for (const std::string place : {"4:5", "5:5"})
        BOOST_TEST(!has(text, "x.conf:" + place), text);
    for (const std::string place : {"6:5", "7:5"})
        BOOST_TEST(has(text, "x.conf:" + place), text);
    BOOST_TEST(has(said("[mine]\na = ${my.nowhere:name}\n"), "there is no section [my.nowhere]"));
}

BOOST_AUTO_TEST_CASE(kinds_that_come_later_are_refused) {
    BOOST_TEST(has(said("[cluster/x]\ncore = a.b\n"), "not in this version"));
}

BOOST_AUTO_TEST_CASE(a_misspelled_section_is_named_and_a_users_own_is_not) {
    BOOST_TEST(has(said("[sever/x]\na = 1\n"), "did you mean [server/x]?"));
    BOOST_TEST(has(said("[loger_x]\na = 1\n"), "did you mean [logger_x]?"));
    BOOST_TEST(said("[mine]\na = 1\n[mine/otherapp]\nb = 2\n") == "");
}

BOOST_AUTO_TEST_CASE(a_section_that_only_looks_like_one_of_aio_is_refused) {
    const std::string body = "]\na = 1\n";
    for (const auto& [name, meant] : std::initializer_list<std::pair<std::string, std::string>>{
             {"aio ", "aio"},
             {" aio", "aio"},
             {"aio\t", "aio"},
             {"aio\u00a0", "aio"},
             {"aio\u200b", "aio"},
             {"\u0430io", "aio"},
             {"ai\u043e", "aio"},
             {"\u0430\u0456\u043e", "aio"},
             {"aio\u2215commands", "aio/commands"},
             {"b\u0435an/x", "bean/x"},
             {"process\u2215x", "process/x"},
             {"sc\u04bbedule:x", "schedule/x"},
             {"sever:x", "server/x"},
             {"w\u0435b/x", "web/x"},
             {"l\u043egger_x", "logger_x"},
             {"loggers ", "loggers"},
             {"DEF\u0410ULT", "DEFAULT"},
             {"DEFAULT ", "DEFAULT"},
             {"DEFUALT", "DEFAULT"}
         }) {
        const std::string text = said("[" + name + body);
        BOOST_TEST(has(text, "x.conf:1:1: error: ["), name);
        BOOST_TEST(has(text, "did you mean [" + meant + "]?"), text);
    }
    BOOST_TEST(has(said("[aio ]\na = 1\n"), "delete the space in the name"));
    BOOST_TEST(has(said("[\u0430\u0456\u043e]\na = 1\n"), "\\u0430 is not the letter 'a'"));
    for (const std::string own : {"aioo", "my aio", "server x/y", "\u0441\u043e/x"})
        BOOST_TEST(said("[" + own + body) == "", own);
    for (const std::string own : {"default", "Default"})
        BOOST_TEST(
            has(said("[" + own + body), "warning: [" + own + "] is a section of your own\n"), own
        );
}

BOOST_AUTO_TEST_CASE(a_section_of_ours_without_its_name_is_not_passed_over) {
    for (const std::string kind :
         {"schedule", "server", "bean", "service", "process", "supervisor", "listen"}) {
        const std::string wanted = "] needs a name: [" + kind + "/NAME]";
        BOOST_TEST(has(said("[" + kind + "]\na = 1\n"), "error: [" + kind + wanted));
        BOOST_TEST(has(said("[" + kind + "/]\na = 1\n"), "error: [" + kind + "/" + wanted));
    }
}

BOOST_AUTO_TEST_CASE(an_unknown_section_below_aio_is_an_error_with_the_nearest) {
    const std::string text = said("[aio/comands]\na = b.c\n");
    BOOST_TEST(has(text, "x.conf:1:1: error: aio has no section [aio/comands]"));
    BOOST_TEST(has(text, "did you mean [aio/commands]?"));
    BOOST_TEST(has(said("[aio/foo]\na = 1\n"), "there are [aio/commands] and [aio/testing]"));
}

BOOST_AUTO_TEST_CASE(an_unknown_module_to_test_is_an_error_at_its_place) {
    const std::string text = said("[aio/testing]\nmodules =\n  aio.app\n  nope\n");
    BOOST_TEST(has(text, "x.conf:4:3: error: [aio/testing] modules: there is no module 'nope'"));
    BOOST_TEST(!has(text, "aio.app'"));
}

BOOST_AUTO_TEST_CASE(of_several_modules_the_one_that_is_missing_is_marked) {
    const std::string text = said("[aio]\nmodules = aio.examples\n          no.such\n");
    BOOST_TEST(has(text, "x.conf:3:11: error: "), text);
    BOOST_TEST(!has(text, "x.conf:2:"), text);
}

BOOST_AUTO_TEST_CASE(a_log_file_that_cannot_be_is_an_error_at_its_place) {
    const std::string missing = said("[aio]\nlog_file = /nowhere/x.log\n");
    BOOST_TEST(has(missing, "x.conf:2:12: error: "), missing);
    BOOST_TEST(has(missing, "cannot open '/nowhere/x.log': No such file or directory"), missing);
    const std::string folder = said("[aio]\nlog_file = /tmp\n");
    BOOST_TEST(has(folder, "error: [aio] log_file cannot open '/tmp': Is a directory"), folder);
    BOOST_TEST(said("[aio]\nlog_file = /tmp/may-come.log\n") == "");
    BOOST_TEST(said("[aio]\nworking_directory = /tmp\nlog_file = x.log\n") == "");
}

BOOST_AUTO_TEST_CASE(a_missing_working_directory_is_an_error_at_its_place) {
    BOOST_TEST(
        has(said("[aio]\nworking_directory = /nowhere\n"),
            "x.conf:2:21: error: [aio] working_directory /nowhere: No such file or directory")
    );
}

BOOST_AUTO_TEST_CASE(missing_tls_files_are_errors_at_their_place) {
    const std::string text =
        said("[server/a]\n" + serve + "tls_certificate = /nowhere/c.pem\ntls_key = /tmp\n");
    BOOST_TEST(
        has(text,
            "x.conf:4:19: error: [server/a] tls_certificate: cannot read '/nowhere/c.pem': No such "
            "file or directory"),
        text
    );
    BOOST_TEST(has(text, "tls_key: cannot read '/tmp': Is a directory"), text);
    const std::string client =
        said("[client/a]\naddress = 127.0.0.1\nport = 1\ntls = yes\ntls_ca = /nowhere/ca.pem\n"
             "tls_certificate = /nowhere/c.pem\n");
    BOOST_TEST(
        has(client,
            "x.conf:5:10: error: [client/a] tls_ca: cannot read '/nowhere/ca.pem': No such file or "
            "directory"),
        client
    );
    BOOST_TEST(has(client, "x.conf:6:19: error: [client/a] tls_certificate: cannot read"), client);
}

BOOST_AUTO_TEST_CASE(two_servers_on_one_port_are_an_error) {
    const std::string taken = "error: [server/b] port 8080 is already used by [server/a]";
    BOOST_TEST(has(two("", ""), "x.conf:6:8: " + taken));
    BOOST_TEST(has(two("address = 127.0.0.1\n", ""), taken));
    BOOST_TEST(has(two("address = 0.0.0.0\n", "address = 127.0.0.1\n"), taken));
    BOOST_TEST(has(two("address = ::1\n", "address = 127.0.0.1\n ::1\n"), taken));
    BOOST_TEST(two("address = 127.0.0.1\n", "address = 127.0.0.2\n") == "");
    BOOST_TEST(two("address = 0.0.0.0\n", "address = ::\n") == "");
    BOOST_TEST(two("reuse_port = yes\n", "reuse_port = yes\n") == "");
    BOOST_TEST(two("", "enabled = no\n") == "");
    const std::string path = "protocol = aio.examples.echo\ntransport = unix\npath = s\n";
    BOOST_TEST(has(
        said("[server/a]\n" + path + "[server/b]\n" + path), "path s is already used by [server/a]"
    ));
    const std::string unix_server = "protocol = aio.examples.echo\ntransport = unix\npath = ";
    for (const char* other : {"./s", "/tmp/s", "../tmp/s", "/tmp/../tmp/s"})
        BOOST_TEST(
            has(said(
                    "[aio]\nworking_directory = /tmp\n[server/a]\n" + unix_server +
                    "s\n[server/b]\n" + unix_server + other + "\n"
                ),
                fmt::format("path {} is already used by [server/a]", other)),
            other
        );
    const std::string any = "protocol = aio.examples.echo\nport = 0\n";
    BOOST_TEST(said("[server/a]\n" + any + "[server/b]\n" + any) == "");
}

BOOST_AUTO_TEST_CASE(one_address_twice_in_a_server_is_an_error) {
    BOOST_TEST(
        has(said("[server/a]\n" + serve + "address = 127.0.0.1\n  ::1\n  127.0.0.1\n"),
            "x.conf:6:3: error: [server/a] address: 127.0.0.1 is bound by 127.0.0.1 already")
    );
}

BOOST_AUTO_TEST_CASE(loops_without_measure_are_refused_more_than_there_are_a_warning) {
    BOOST_TEST(has(said("[aio]\nloops = 100000\n"), "out of range, 1 to 1024"));
    BOOST_TEST(has(said("[server/a]\n" + serve + "loops = 100000\n"), "out of range, 1 to 1024"));
    BOOST_TEST(
        has(said("[server/a]\n" + serve + "loops = 8\n"),
            "x.conf:4:1: warning: [server/a] loops = 8: limited to 1 by [aio] loops")
    );
}

BOOST_AUTO_TEST_CASE(more_loops_than_cores_are_a_warning) {
    const std::string of_app = "x.conf:2:9: warning: [aio] loops = 1024: more threads than the ";
    const std::string of_server = "x.conf:6:1: warning: [server/a] loops = 1000: more threads than";
    BOOST_TEST(has(said("[aio]\nloops = 1024\n"), of_app));
    const std::string both = said("[aio]\nloops = 1024\n[server/a]\n" + serve + "loops = 1000\n");
    BOOST_TEST(has(both, of_app));
    BOOST_TEST(has(both, of_server));
    const std::string all = said("[aio]\nloops = auto\n[server/a]\n" + serve + "loops = all\n");
    BOOST_TEST(all == "");
}

BOOST_AUTO_TEST_CASE(a_cycle_is_printed_though_a_member_is_broken) {
    const std::string text = said(
        "[schedule/a]\ndepends = schedule/b\n" + tick +
        "[schedule/b]\ndepends = schedule/a\nevery = -1\nfunc = aio.examples.tick\n"
    );
    BOOST_TEST(has(text, "schedule/a -> schedule/b -> schedule/a"));
}

BOOST_AUTO_TEST_CASE(a_command_may_not_take_a_built_in_name) {
    BOOST_TEST(has(
        said("[aio/commands]\nrun = aio.examples.hello\n"), "x.conf:2:1: error: [aio/commands] run"
    ));
    BOOST_TEST(said("[aio/commands]\nhello = aio.examples.hello\n") == "");
}

BOOST_AUTO_TEST_CASE(a_command_has_a_name_that_can_be_typed) {
    for (const char* name : {"-x", "--x", "two words", "a\tb"})
        BOOST_TEST(
            has(said(std::string("[aio/commands]\n") + name + " = aio.examples.hello\n"),
                "can never be called as a command")
        );
    BOOST_TEST(said("[aio/commands]\na-b = aio.examples.hello\n") == "");
}

BOOST_AUTO_TEST_CASE(the_built_in_commands_are_read_only) {
    BOOST_TEST(has(said("[aio/builtin_commands]\nrun = aio.examples.hello\n"), "read-only"));
}

BOOST_AUTO_TEST_CASE(a_signal_nearly_one_of_aio_is_an_error) {
    BOOST_TEST(
        has(said("[listen/x]\naio-startde = aio.examples.print\n"), "did you mean 'aio-started'?")
    );
    BOOST_TEST(said("[listen/x]\naio-stopped = aio.examples.print\n") == "");
}

BOOST_AUTO_TEST_CASE(a_loop_that_is_not_there_is_an_error) {
    const std::string message = said("[schedule/x]\nloop = 3\n" + tick);
    BOOST_TEST(has(message, "x.conf:2:1: error: [schedule/x] loop: there is no loop 3"));
}

BOOST_AUTO_TEST_CASE(supervisors_and_what_they_supervise_fit_together) {
    BOOST_TEST(said("[supervisor/s]\n[schedule/x]\nsupervisor = s\n" + tick) == "");
    BOOST_TEST(has(
        said("[supervisor/main]\n[schedule/x]\nsupervisor = mian\n" + tick), "did you mean 'main'?"
    ));
    BOOST_TEST(
        has(said("[supervisor/s]\nreplacement = schedule/y\n[schedule/x]\nsupervisor = s\n" + tick),
            "'schedule/y' is no section that runs")
    );
    BOOST_TEST(has(said("[supervisr/s]\n"), "did you mean [supervisor/s]?"));
}

BOOST_AUTO_TEST_SUITE_END()
