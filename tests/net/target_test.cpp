#include <aio/net/target.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <variant>

using namespace std::string_literals;
using aio::net::target;
using aio::net::target_mistake;
using kind = aio::net::target::kind;

namespace {

std::string shown(std::string_view text) {
    const auto read = target::parse(text);
    if (const auto* why = std::get_if<target_mistake>(&read))
        return "at " + std::to_string(why->offset) + ": " + why->text;
    const auto& found = std::get<target>(read);
    switch (found.how) {
    case kind::tcp:
        return "tcp " + found.host + " " + std::to_string(found.port);
    case kind::tls:
        return "tls " + found.host + " " + std::to_string(found.port);
    case kind::unix_path:
        return "unix " + found.path;
    case kind::abstract:
        return "abstract " + found.path;
    }
    return {};
}

struct row {
    std::string text;
    std::string meaning;
};

void check(const std::initializer_list<row>& all) {
    for (const row& each : all)
        BOOST_TEST_CONTEXT(each.text) {
            BOOST_TEST(shown(each.text) == each.meaning);
        }
}

} // namespace

BOOST_AUTO_TEST_SUITE(target_)

BOOST_AUTO_TEST_CASE(every_form_is_read) {
    check({
        {"tls://bank.example:443", "tls bank.example 443"},
        {"tcp://10.0.0.1:80", "tcp 10.0.0.1 80"},
        {"TLS://bank.example:443", "tls bank.example 443"},
        {"bank.example:80", "tcp bank.example 80"},
        {"bank.example.:80", "tcp bank.example. 80"},
        {"localhost:65535", "tcp localhost 65535"},
        {"my_host-1:1", "tcp my_host-1 1"},
        {"[::1]:80", "tcp ::1 80"},
        {"tls://[2001:db8::1]:443", "tls 2001:db8::1 443"},
        {"tcp://[::ffff:10.0.0.1]:1", "tcp ::ffff:10.0.0.1 1"},
        {"tcp://[fe80::1%lo]:80", "tcp fe80::1%lo 80"},
        {"tcp://[fe80::1%25lo]:80", "tcp fe80::1%lo 80"},
        {"tcp://[fe80::1%7]:80", "tcp fe80::1%7 80"},
        {"[fe80::1%eth77]:80", "tcp fe80::1%eth77 80"},
        {"unix:/run/app.sock", "unix /run/app.sock"},
        {"unix:///run/app.sock", "unix /run/app.sock"},
        {"UNIX:/x", "unix /x"},
        {"tcp://unix:80", "tcp unix 80"},
        {"@abstract", "abstract abstract"},
        {"unix:@abstract", "abstract abstract"},
        {"@a b/c:80", "abstract a b/c:80"},
    });
}

BOOST_AUTO_TEST_CASE(a_mistake_says_what_is_wrong_and_where) {
    check({
        {"", "at 0: the address is empty"},
        {"bank.example", "at 12: the port is missing"},
        {"bank.example:", "at 13: the port is missing"},
        {"tls://bank.example", "at 18: the port is missing"},
        {"tls://", "at 6: the host is missing"},
        {":80", "at 0: the host is missing"},
        {"tcp://:80", "at 6: the host is missing"},
        {"a:0", "at 2: the port 0 is not between 1 and 65535"},
        {"a:65536", "at 2: the port 65536 is not between 1 and 65535"},
        {"a:99999999999999999999", "at 2: the port 99999999999999999999 is not between 1 and 65535"
        },
        {"a:http", "at 2: 'http' is not a port"},
        {"a:-1", "at 2: '-1' is not a port"},
        {"a:+1", "at 2: '+1' is not a port"},
        {"a:80/path", "at 4: nothing may follow the port: '/path'"},
        {"tls://a:443?x", "at 11: nothing may follow the port: '?x'"},
        {"a:80 ", "at 4: nothing may follow the port: ' '"},
        {" a:80", "at 0: ' a' is not a host name or an address"},
        {"a b:80", "at 1: 'a b' is not a host name or an address"},
        {"user@bank.example:80", "at 4: 'user@bank.example' is not a host name or an address"},
        {"tcp://256.1.1.1:80", "at 6: '256.1.1.1' is not a host name or an address"},
        {"a..b:80", "at 0: 'a..b' is not a host name or an address"},
        {"*:80", "at 0: '*' is not a host name or an address"},
        {"::1:80", "at 0: an IPv6 address needs brackets: '::1:80'"},
        {"tcp://2001:db8::1", "at 6: an IPv6 address needs brackets: '2001:db8::1'"},
        {"tls:bank.example:443", "at 3: there are several colons"},
        {"[::1]", "at 5: the port is missing"},
        {"[::1]:", "at 6: the port is missing"},
        {"[::1]80", "at 5: a colon and the port have to follow the bracket"},
        {"[::1:80", "at 7: the bracket ']' is missing"},
        {"[::g]:80", "at 1: '::g' is not an IPv6 address"},
        {"[10.0.0.1]:80", "at 1: '10.0.0.1' is not an IPv6 address"},
        {"[]:80", "at 1: '' is not an IPv6 address"},
        {"[fe80::1%lo:1]:80", "at 1: 'fe80::1%lo:1' is not an IPv6 address"},
        {"[::%25lo:8::%25lo]:8", "at 1: '::%lo:8::%25lo' is not an IPv6 address"},
        {"a\r\nHost: b:80", "at 7: there are several colons"},
        {"http://a:80", "at 0: unknown scheme 'http'"},
        {"tlss://a:80", "at 0: unknown scheme 'tlss'"},
        {"://a:80", "at 0: unknown scheme ''"},
        {"\x1b[31m://a:80", "at 0: unknown scheme '\\x1b[31m'"},
        {"unix:", "at 5: the path of the unix socket is missing"},
        {"unix:run/x", "at 5: the path of a unix socket begins with '/'"},
        {"unix://run/x", "at 7: a unix socket has no host"},
        {"@", "at 1: the name of the unix socket is missing"},
        {"@a\0b"s, "at 2: a zero byte in the name"},
        {"bank\0.evil:80"s, "at 4: 'bank\\x00.evil' is not a host name or an address"},
        {"unix:/" + std::string(107, 'x'),
         "at 112: the path of a unix socket has at most 107 bytes, this one has 108"},
    });
}

BOOST_AUTO_TEST_CASE(a_hint_shows_how_to_write_it) {
    const auto hint = [](std::string_view text) {
        return std::get<target_mistake>(target::parse(text)).hint;
    };
    BOOST_TEST(hint("tls://bank.example") == "write it as in tls://bank.example:443");
    BOOST_TEST(hint("bank.example") == "write it as in bank.example:443");
    BOOST_TEST(hint("::1") == "write it as in [::1]:80");
    BOOST_TEST(hint("tlss://a:80") == "did you mean 'tls'?");
    BOOST_TEST(hint("https://a:80") == "a connection with TLS is tls://HOST:PORT");
    BOOST_TEST(hint("gopher://a:80") == "there are tcp://, tls:// and unix:");
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back_the_same) {
    for (const char* text :
         {"tls://bank.example:443",
          "bank.example:80",
          "[::1]:80",
          "[fe80::1%lo]:80",
          "tcp://unix:80",
          "unix:/run/app.sock",
          "unix:////x",
          "@abstract"})
        BOOST_TEST(std::get<target>(target::parse(text)).text() == text);
}

BOOST_AUTO_TEST_CASE(a_target_that_needs_no_resolver_is_an_address) {
    const auto literal = [](std::string_view text) {
        const auto found = std::get<target>(target::parse(text)).literal();
        return found ? found->text() : "none";
    };
    BOOST_TEST(literal("10.0.0.1:80") == "10.0.0.1:80");
    BOOST_TEST(literal("tls://[::1]:443") == "[::1]:443");
    BOOST_TEST(literal("unix:/run/x") == "/run/x");
    BOOST_TEST(literal("@x") == "@x");
    BOOST_TEST(literal("localhost:80") == "none");
}

BOOST_AUTO_TEST_CASE(a_certificate_is_for_the_name_without_dot_and_interface) {
    const auto name = [](std::string_view text) {
        return std::get<target>(target::parse(text)).tls_name();
    };
    BOOST_TEST(name("tls://bank.example.:443") == "bank.example");
    BOOST_TEST(name("tls://bank.example:443") == "bank.example");
    BOOST_TEST(name("tls://[fe80::1%lo]:443") == "fe80::1");
    BOOST_TEST(name("tls://10.0.0.1:443") == "10.0.0.1");
}

BOOST_AUTO_TEST_SUITE_END()
