#include <aio/net/tunnel.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

using aio::net::authority;
using aio::net::http_proxy;
using aio::net::target_mistake;
using aio::net::tunnel_reply;
using aio::net::tunnel_request;
using state = aio::net::tunnel_reply::state;

namespace {

std::string shown(std::string_view text) {
    const auto read = http_proxy::parse(text);
    if (const auto* why = std::get_if<target_mistake>(&read))
        return "at " + std::to_string(why->offset) + ": " + why->text;
    const auto& found = std::get<http_proxy>(read);
    return found.text() + " [" + found.user + "] [" + found.password + "]";
}

struct read_reply {
    state end;
    std::size_t taken;
    std::string why;

    friend bool operator==(const read_reply&, const read_reply&) = default;
};

read_reply read(std::string_view bytes, std::size_t slice) {
    tunnel_reply reply;
    std::size_t taken = 0;
    while (taken < bytes.size() && !reply.over())
        taken += reply.take(bytes.substr(taken, slice));
    return {reply.now(), taken, reply.why()};
}

read_reply read(std::string_view bytes) {
    const read_reply whole = read(bytes, bytes.size());
    for (const std::size_t slice : {1, 2, 3, 7})
        BOOST_TEST((read(bytes, slice) == whole));
    return whole;
}

} // namespace

BOOST_AUTO_TEST_SUITE(tunnel)

BOOST_AUTO_TEST_CASE(a_request_names_the_target_twice_and_ends) {
    const http_proxy proxy{{"proxy.example", 3128}, {}, {}};
    BOOST_TEST(
        tunnel_request({"bank.example", 443}, proxy) ==
        "CONNECT bank.example:443 HTTP/1.1\r\nHost: bank.example:443\r\n\r\n"
    );
    BOOST_TEST(
        tunnel_request({"2001:db8::1", 443}, proxy) ==
        "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n"
    );
}

BOOST_AUTO_TEST_CASE(user_and_password_are_sent_as_basic) {
    const auto line = [](std::string user, std::string password) {
        const auto text =
            tunnel_request({"a", 1}, {{"p", 1}, std::move(user), std::move(password)});
        const std::string_view name = "Proxy-Authorization: ";
        const auto at = text.find(name) + name.size();
        return text.substr(at, text.find('\r', at) - at);
    };
    BOOST_TEST(line("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    BOOST_TEST(line("a", "") == "Basic YTo=");
    BOOST_TEST(line("ab", "") == "Basic YWI6");
    const std::string coded = line(std::string(300, 'u'), std::string(300, 'p'));
    BOOST_TEST(coded.size() == 6 + 804u);
    BOOST_TEST(coded.find('\n') == coded.npos);
}

BOOST_AUTO_TEST_CASE(no_host_can_inject_a_header) {
    const http_proxy proxy{{"p", 1}, {}, {}};
    for (const char* host :
         {"", "a\r\nX: y", "a b", "a\n", "a\t", "fe80::1%eth0", "a/b", "u@a", "[::1]", "a\x7f"})
        BOOST_CHECK_THROW(tunnel_request({host, 1}, proxy), std::invalid_argument);
    BOOST_CHECK_THROW(tunnel_request({std::string("a\0b", 3), 1}, proxy), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_proxy_is_read_with_and_without_credentials) {
    const struct {
        const char* text;
        const char* meaning;
    } all[] = {
        {"http://proxy.example:3128", "http://proxy.example:3128 [] []"},
        {"http://proxy.example:3128/", "http://proxy.example:3128 [] []"},
        {"HTTP://p:1", "http://p:1 [] []"},
        {"http://user@p:1", "http://p:1 [user] []"},
        {"http://user:word@p:1", "http://p:1 [user] [word]"},
        {"http://user:a:b@p:1", "http://p:1 [user] [a:b]"},
        {"http://user:a@b@p:1", "http://p:1 [user] [a@b]"},
        {"http://user:a%40b%25@[::1]:1", "http://[::1]:1 [user] [a@b%]"},
        {"http://us%2Fer:%3a@p:1", "http://p:1 [us/er] [:]"},
        {"http://@p:1", "at 7: the user is missing before the '@'"},
        {"http://:word@p:1", "at 7: the user is missing before the '@'"},
        {"http://u%3Ax:word@p:1", "at 7: a user name may not contain a colon"},
        {"http://u%0d%0aX@p:1", "at 7: control characters in the user or the password"},
        {"http://u:%00@p:1", "at 9: control characters in the user or the password"},
        {"http://u:100%@p:1", "at 12: a '%' is followed by two hexadecimal digits"},
        {"http://u%zz@p:1", "at 8: a '%' is followed by two hexadecimal digits"},
        {"http://u@p", "at 10: the port is missing"},
        {"http://p:1/x", "at 10: nothing may follow the port: '/x'"},
        {"proxy.example:3128", "at 0: the scheme is missing"},
        {"https://p:1", "at 0: unknown kind of proxy 'https'"},
        {"socks5://p:1", "at 0: unknown kind of proxy 'socks5'"},
    };

    for (const auto& each : all)
        BOOST_TEST(shown(each.text) == each.meaning);
}

BOOST_AUTO_TEST_CASE(a_mistake_does_not_tell_the_password) {
    for (const char* text :
         {"http://u:secret@p", "http://u:secret%@p:1", "http://u:secret@p:x", "http://u:secret@"})
        BOOST_TEST(shown(text).find("secret") == std::string::npos, shown(text));
}

BOOST_AUTO_TEST_CASE(any_2xx_opens_the_tunnel_and_no_byte_behind_it_is_taken) {
    for (const std::string_view head :
         {"HTTP/1.1 200 Connection established\r\n\r\n",
          "HTTP/1.0 200 OK\r\nVia: 1.0 tinyproxy\r\n\r\n",
          "HTTP/1.1 200\r\n\r\n",
          "HTTP/1.1 204 \r\n\r\n",
          "HTTP/1.1 299 x\n\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
          "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 102 y\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
         }) {
        const read_reply got = read(std::string(head) + "SSH-2.0-server\r\n\r\n");
        BOOST_TEST((got.end == state::open), head);
        BOOST_TEST(got.taken == head.size());
        BOOST_TEST(got.why == "");
    }
}

BOOST_AUTO_TEST_CASE(any_other_status_is_a_refusal_with_its_words) {
    const struct {
        const char* head;
        const char* why;
    } all[] = {
        {"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n", "403 Forbidden"},
        {"HTTP/1.1 502\r\n\r\n", "502"},
        {"HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n", "302 Found"},
        {"HTTP/1.1 101 Switching Protocols\r\n\r\n", "101 Switching Protocols"},
        {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
         "407 Proxy Authentication Required: it wants a user and a password, or others than these"},
        {"HTTP/1.1 500 \x1b[31mred\r\n\r\n", "500 \\x1b[31mred"},
    };

    for (const auto& each : all) {
        const read_reply got = read(std::string(each.head) + "no");
        BOOST_TEST((got.end == state::refused));
        BOOST_TEST(got.why == each.why);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_answer_of_http_is_wrong) {
    for (const std::string_view bytes :
         {"SSH-2.0-server\r\n",
          "HTTP/1.1 2000 OK\r\n",
          "HTTP/1.1 20 OK\r\n",
          "HTTP/1.1 099 OK\r\n",
          "HTTP/1.1 -20 OK\r\n",
          "HTTP/1.1  200 OK\r\n",
          "HTTP/1.1\t200 OK\r\n",
          "HTTP/2 200\r\n\r\n",
          "HTTP/1.x 200 OK\r\n",
          "http/1.1 200 OK\r\n",
          "\r\n",
          "<html>\n"})
        BOOST_TEST((read(bytes).end == state::wrong), bytes);
    BOOST_TEST(read("220 smtp\r\n").why == "it does not answer in HTTP/1.1: '220 smtp'");
}

BOOST_AUTO_TEST_CASE(an_answer_has_a_bound_with_all_that_comes_before_it) {
    const std::string start = "HTTP/1.1 200 OK\r\nX: ", end = "\r\n\r\n";
    const auto of_size = [&](std::size_t size) {
        return start + std::string(size - start.size() - end.size(), 'x') + end;
    };
    BOOST_TEST((read(of_size(tunnel_reply::most_bytes)).end == state::open));
    const read_reply longer = read(of_size(tunnel_reply::most_bytes + 1));
    BOOST_TEST((longer.end == state::wrong));
    BOOST_TEST(longer.why == "the answer is longer than 8192 bytes");
    std::string interim;
    while (interim.size() <= tunnel_reply::most_bytes)
        interim += "HTTP/1.1 100 Continue\r\n\r\n";
    BOOST_TEST((read(interim).end == state::wrong));
}

BOOST_AUTO_TEST_CASE(an_end_before_the_answer_is_wrong) {
    const std::string whole = "HTTP/1.1 200 OK\r\nVia: x\r\n\r\n";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        tunnel_reply reply;
        BOOST_TEST(reply.take(std::string_view(whole).substr(0, size)) == size);
        BOOST_TEST(!reply.over());
        reply.end_of_stream();
        BOOST_TEST((reply.now() == state::wrong));
        BOOST_TEST(!reply.why().empty());
    }
    tunnel_reply reply;
    reply.take(whole);
    reply.end_of_stream();
    BOOST_TEST((reply.now() == state::open));
}

BOOST_AUTO_TEST_SUITE_END()
