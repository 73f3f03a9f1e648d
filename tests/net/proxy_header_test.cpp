#include <aio/net/proxy_header.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace aio::net;
using namespace std::string_literals;

using result = proxy_reading::result;
using subject = proxy_header::subject;

namespace {

const std::string mark = "\r\n\r\n\0\r\nQUIT\n"s;

std::string sized(std::size_t size) {
    return {static_cast<char>(size >> 8), static_cast<char>(size)};
}

std::string binary(int command, int family, const std::string& rest) {
    return mark + static_cast<char>(command) + static_cast<char>(family) + sized(rest.size()) +
           rest;
}

std::string tlv(int type, const std::string& value) {
    return static_cast<char>(type) + sized(value.size()) + value;
}

const std::string v4_block = "\x0a\x01\x02\x03\xc0\x00\x02\x07\x10\x92\x01\xbb"s;
const std::string v6_block = std::string("\x20\x01\x0d\xb8") + std::string(11, '\0') + "\x01" +
                             std::string("\x20\x01\x0d\xb8") + std::string(11, '\0') + "\x02" +
                             "\x10\x92\x01\xbb";

std::string unix_block(std::string from, std::string to) {
    from.resize(108, '\0');
    to.resize(108, '\0');
    return from + to;
}

std::string ends(const proxy_header& header) {
    return header.from.text() + " " + header.to.text();
}

proxy_header of_client(std::string_view from, std::string_view to) {
    proxy_header out;
    out.about = subject::client;
    out.from = *address::parse_with_port(from);
    out.to = *address::parse_with_port(to);
    return out;
}

proxy_header all_told() {
    proxy_header out = of_client("10.1.2.3:4242", "[2001:db8::1]:443");
    out.alpn = "h2";
    out.authority = "bank.example";
    out.unique_id = "\0\xff id"s;
    out.tls = proxy_tls{"TLSv1.3", "alice", true, 0};
    return out;
}

/// The header that these bytes are, with nothing after them.
proxy_header read(std::string_view bytes) {
    const proxy_reading made = read_proxy_header(bytes);
    BOOST_TEST((made.what == result::whole), made.reason);
    BOOST_TEST(made.size == bytes.size());
    return made.header;
}

std::string reason(std::string_view bytes) {
    const proxy_reading made = read_proxy_header(bytes);
    return made.what == result::wrong   ? std::string(made.reason)
           : made.what == result::whole ? "whole"
                                        : "more";
}

bool differs_in_case_only(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

} // namespace

BOOST_AUTO_TEST_SUITE(proxy_header_)

BOOST_AUTO_TEST_CASE(lines_of_version_1_are_read) {
    const struct {
        const char* line;
        subject about;
        const char* ends;
    } all[] = {
        {"PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
         subject::client,
         "192.168.0.1:56324 192.168.0.11:443"},
        {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", // 56 bytes
         subject::client,
         "255.255.255.255:65535 255.255.255.255:65535"},
        {"PROXY TCP4 0.0.0.0 127.0.0.1 0 1\r\n", subject::client, "0.0.0.0:0 127.0.0.1:1"},
        {"PROXY TCP6 2001:db8::1 ::1 4242 80\r\n", subject::client, "[2001:db8::1]:4242 [::1]:80"},
        {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff " // 104 bytes
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
         subject::client,
         "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 "
         "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
        {"PROXY TCP6 2001:0DB8:0:0:0:0:0:0001 ::ABCD 1 2\r\n",
         subject::client,
         "[2001:db8::1]:1 [::abcd]:2"},
        {"PROXY TCP6 ::ffff:127.0.0.1 ::ffff:a01:203 1 2\r\n",
         subject::client,
         "127.0.0.1:1 10.1.2.3:2"},
        {"PROXY TCP6 64:ff9b::1.2.3.4 :: 1 2\r\n", subject::client, "[64:ff9b::102:304]:1 [::]:2"},
        {"PROXY UNKNOWN\r\n", subject::unknown, " "},
        {"PROXY UNKNOWN \r\n", subject::unknown, " "},
        {"PROXY UNKNOWN some other nonsense\r\n", subject::unknown, " "},
        {"PROXY UNKNOWN 127.0.0.1 127.0.0.1 99999 99999\r\n", subject::unknown, " "},
        {"PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff " // 107 bytes
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
         subject::unknown,
         " "},
    };

    for (const auto& each : all) {
        BOOST_TEST_CONTEXT(each.line) {
            const proxy_header made = read(each.line);
            BOOST_TEST((made.version == proxy_header::format::text));
            BOOST_TEST((made.about == each.about));
            BOOST_TEST(ends(made) == each.ends);
            BOOST_TEST(!made.datagram);
        }
    }
}

BOOST_AUTO_TEST_CASE(wrong_lines_of_version_1_are_refused) {
    const std::string start = "it does not begin with a header";
    const std::string end = "the line does not end with CR LF";
    const std::string protocol = "the protocol is none of TCP4, TCP6, UNKNOWN";
    const std::string fields = "after the protocol there are not two addresses and two ports";
    const std::string port = "a port is not a number from 0 to 65535";
    const std::string where = "an address is not one of the announced protocol";
    const std::string length = "the line is longer than 107 bytes";

    const struct {
        std::string bytes;
        std::string reason;
    } all[] = {
        {"GET / HTTP/1.1\r\n", start},
        {"P\r\n", start},
        {"PROX\r\n", start},
        {"PROXY\r\n", start},
        {"PROXY\tTCP4 1.2.3.4 1.2.3.4 1 2\r\n", start},
        {"proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n", start},
        {" PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n", start},
        {"\x16\x03\x01\x02", start},
        {"\0"s, start},
        {"PROXY \n", end},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", end},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\rx", end},
        {"PROXY UNKNOWN a\nb\r\n", end},
        {"PROXY UNKNOWN a\rb\r\n", end},
        {"PROXY \r\n", protocol},
        {"PROXY SOMETHING\r\n", protocol},
        {"PROXY UNKNOWNX\r\n", protocol},
        {"PROXY unknown\r\n", protocol},
        {"PROXY TCP 1.2.3.4 1.2.3.4 1 2\r\n", protocol},
        {"PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n", protocol},
        {"PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n", protocol},
        {"PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n", protocol},
        {"PROXY TCP4\r\n", fields},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", fields},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n", fields},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", fields},
        {"PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n", fields},
        {"PROXY TCP4 1.2.3.4\t1.2.3.4 1 2 3\r\n", where},
        {"PROXY TCP4 1.2.3.4 1.2.3.4  2\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 \r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 99999 99999\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 00 2\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 0x1 2\r\n", port},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\0\r\n"s, port},
        {"PROXY TCP4 invalid invalid 1 2\r\n", where},
        {"PROXY TCP4 1.2.3.4 01.2.3.4 1 2\r\n", where},
        {"PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n", where},
        {"PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n", where},
        {"PROXY TCP4 1.2.3.4\0 1.2.3.4 1 2\r\n"s, where},
        {"PROXY TCP4 ::1 ::1 1 2\r\n", where},
        {"PROXY TCP4 ::ffff:1.2.3.4 ::ffff:1.2.3.4 1 2\r\n", where},
        {"PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n", where},
        {"PROXY TCP6 ::1 1.2.3.4 1 2\r\n", where},
        {"PROXY TCP6 [::1] ::1 1 2\r\n", where},
        {"PROXY TCP6 fe80::1%lo ::1 1 2\r\n", where},
        {"PROXY TCP6 fe80::1%1 ::1 1 2\r\n", where},
        {"PROXY TCP6 1::2::3 ::1 1 2\r\n", where},
        {"PROXY TCP6 00001::1 ::1 1 2\r\n", where},
        {"PROXY TCP4" + std::string(200, ' '), length},
        {"PROXY UNKNOWN " + std::string(91, 'x') + "\r", "more"}, // 106 bytes
        {"PROXY UNKNOWN " + std::string(92, 'x') + "\r", length}, // the LF would be byte 108
        {"PROXY UNKNOWN " + std::string(92, 'x') + "\r\n", length},
        {"PROXY UNKNOWN " + std::string(93, 'x'), length},
    };

    for (const auto& each : all)
        BOOST_TEST(reason(each.bytes) == each.reason, each.bytes);
}

BOOST_AUTO_TEST_CASE(headers_of_version_2_are_read) {
    const std::string v6_ends = "[2001:db8::1]:4242 [2001:db8::2]:443";
    const std::string mapped = std::string(10, '\0') + "\xff\xff\x01\x02\x03\x04" +
                               std::string(15, '\0') + "\x01" + "\x10\x92\x01\xbb";
    const std::string longest(108, 'p');

    const struct {
        std::string bytes;
        subject about;
        bool datagram;
        std::string ends;
    } all[] = {
        {binary(0x21, 0x11, v4_block), subject::client, false, "10.1.2.3:4242 192.0.2.7:443"},
        {binary(0x21, 0x12, v4_block), subject::client, true, "10.1.2.3:4242 192.0.2.7:443"},
        {binary(0x21, 0x21, v6_block), subject::client, false, v6_ends},
        {binary(0x21, 0x22, v6_block), subject::client, true, v6_ends},
        {binary(0x21, 0x21, mapped), subject::client, false, "1.2.3.4:4242 [::1]:443"},
        {binary(0x21, 0x31, unix_block("/a", "/b")), subject::client, false, "/a /b"},
        {binary(0x21, 0x32, unix_block("/a", "/b")), subject::client, true, "/a /b"},
        {binary(0x21, 0x31, unix_block(longest, "/b\0/c"s)), subject::client, false, longest + " /b"
        },
        {binary(0x21, 0x31, unix_block("\0abstract"s, "")), subject::client, false, " "},
        {binary(0x21, 0x00, ""), subject::unknown, false, " "},
        {binary(0x21, 0x00, v4_block), subject::unknown, false, " "},
        {binary(0x20, 0x00, ""), subject::proxy, false, " "},
        {binary(0x20, 0x11, v4_block), subject::proxy, false, " "}, // as Amazon's checks are
        {binary(0x20, 0x11, "short"), subject::proxy, false, " "},  // the length counts
        {binary(0x20, 0x99, "family"), subject::proxy, false, " "}, // the family does not
        {binary(0x20, 0x00, "\x03\0\x04sum?"s), subject::proxy, false, " "}, // as HAProxy's are
        {binary(0x21, 0x11, v4_block + std::string(72, '\0')), // padded, read as empty additions
         subject::client,
         false,
         "10.1.2.3:4242 192.0.2.7:443"},
        {binary(0x21, 0x11, v4_block + tlv(0x04, std::string(4096 - 16 - 12 - 3, 'n'))),
         subject::client,
         false,
         "10.1.2.3:4242 192.0.2.7:443"},
    };

    for (const auto& each : all) {
        const proxy_header made = read(each.bytes);
        BOOST_TEST((made.version == proxy_header::format::binary));
        BOOST_TEST((made.about == each.about));
        BOOST_TEST(made.datagram == each.datagram);
        BOOST_TEST(ends(made) == each.ends);
    }
}

BOOST_AUTO_TEST_CASE(additions_of_version_2_are_told) {
    const std::string tls =
        "\x07\0\0\0\0"s + tlv(0x21, "TLSv1.2") + tlv(0x23, "RSA") + tlv(0x22, "alice");
    const proxy_header made = read(binary(
        0x21,
        0x11,
        v4_block + tlv(0x04, "nothing") + tlv(0x01, "h2") + tlv(0x02, "bank.example") +
            tlv(0x05, "id") + tlv(0x30, "netns") + tlv(0x20, tls) + tlv(0xea, "\x01vpce") +
            tlv(0x02, "other.example")
    ));
    BOOST_TEST(made.alpn == "h2");
    BOOST_TEST(made.authority == "bank.example"); // the first one counts
    BOOST_TEST(made.unique_id == "id");
    BOOST_REQUIRE(made.tls.has_value());
    BOOST_TEST(made.tls->version == "TLSv1.2");
    BOOST_TEST(made.tls->common_name == "alice");
    BOOST_TEST(made.tls->certificate);
    BOOST_TEST(made.tls->verify == 0);

    const auto about_tls = [](int flags, const std::string& verify) {
        return read(binary(0x21, 0x11, v4_block + tlv(0x20, static_cast<char>(flags) + verify)))
            .tls;
    };
    BOOST_TEST(!about_tls(0, "\0\0\0\0"s).has_value());
    BOOST_TEST(!about_tls(6, "\0\0\0\0"s).has_value());
    BOOST_TEST((about_tls(1, "\0\0\0\x0a"s) == proxy_tls{"", "", false, 10}));
    BOOST_TEST((about_tls(5, "\x80\0\0\0"s) == proxy_tls{"", "", true, 0x80000000}));
}

BOOST_AUTO_TEST_CASE(wrong_headers_of_version_2_are_refused) {
    const std::string version = "the version is not 2, or the command is unknown";
    const std::string family = "the family of the addresses is unknown";
    const std::string room = "the length leaves no room for the addresses";
    const std::string addition = "an addition is longer than the header";
    const std::string sum = "the checksum is not one of 4 bytes";
    const auto with = [](const std::string& rest) { return binary(0x21, 0x11, v4_block + rest); };

    const struct {
        std::string bytes;
        std::string reason;
    } all[] = {
        {mark.substr(2), "it does not begin with a header"},
        {"\r\n\r\n\r\n", "it does not begin with a header"},
        {mark + "\x11", version},
        {mark + "\x31", version},
        {mark + "\x22", version},
        {mark + "\x2f", version},
        {mark + "\x99", version},
        {mark + "\x21\x13", family},
        {mark + "\x21\x10", family},
        {mark + "\x21\x01", family},
        {mark + "\x21\x41", family},
        {mark + "\x21\x99", family},
        {mark + "\x21\x11\x0f\xf1", "it is longer than 4096 bytes"},
        {mark + "\x20\x00\xff\xff"s, "it is longer than 4096 bytes"},
        {mark + "\x21\x11\x0f\xf0", "more"},
        {binary(0x21, 0x11, ""), room},
        {binary(0x21, 0x11, v4_block.substr(1)), room},
        {binary(0x21, 0x21, v6_block.substr(1)), room},
        {binary(0x21, 0x21, v4_block), room},
        {binary(0x21, 0x31, std::string(215, 'p')), room},
        {with("\x01"), addition},
        {with("\x01\0"s), addition},
        {with("\x01\0\x01"s), addition},
        {with(tlv(0x04, "xx") + "\xff\xff\xff\xff"), addition},
        {with(std::string(4, '\0')), addition},
        {with(tlv(0x03, "")), sum},
        {with(tlv(0x03, "12345")), sum},
        {with(tlv(0x03, "1234") + tlv(0x03, "1234")), sum},
        {with(tlv(0x03, "1234")), "the checksum does not match"},
        {with(tlv(0x05, std::string(129, 'i'))), "the unique id is longer than 128 bytes"},
        {with(tlv(0x20, "\x01\0\0\0"s)), "the part about TLS is too short"},
        {with(tlv(0x20, "\x01\0\0\0\0\x21\0\x09TLSv1.3"s)),
         "an addition is longer than the part about TLS"},
        {with(tlv(0x20, "\0\0\0\0\0\x21"s)), "an addition is longer than the part about TLS"},
    };

    for (const auto& each : all)
        BOOST_TEST(reason(each.bytes) == each.reason);
}

BOOST_AUTO_TEST_CASE(the_checksum_is_that_of_the_specification) {
    // CRC-32C of a header with a sum of zeros, made by another implementation.
    const std::string sum = "\x39\xdf\x6c\x18";
    const std::string good = binary(0x21, 0x11, v4_block + tlv(0x03, sum) + tlv(0x02, "a"));
    BOOST_TEST(reason(good) == "whole");
    BOOST_TEST(read(good).authority == "a");
}

BOOST_AUTO_TEST_CASE(what_follows_a_header_is_left_to_the_connection) {
    for (const std::string& header :
         {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n"s,
          "PROXY UNKNOWN\r\n"s,
          binary(0x21, 0x11, v4_block),
          binary(0x21, 0x11, v4_block + tlv(0x02, "a")),
          binary(0x20, 0x00, "")})
        for (const std::string& rest :
             {"\x16\x03\x01\x02\0"s, "\r\n"s, "GET / HTTP/1.1\r\n\r\n"s, header}) {
            const proxy_reading made = read_proxy_header(header + rest);
            BOOST_TEST((made.what == result::whole));
            BOOST_TEST(made.size == header.size());
            BOOST_TEST((made.header == read(header)));
        }
}

namespace {

std::vector<std::string> examples() {
    return {
        "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
        "PROXY TCP6 2001:db8::1 ::ffff:1.2.3.4 4242 80\r\n",
        "PROXY UNKNOWN\r\n",
        "PROXY UNKNOWN some text\r\n",
        binary(0x21, 0x11, v4_block),
        binary(0x21, 0x22, v6_block),
        binary(0x21, 0x31, unix_block("/run/a", "/run/b")),
        binary(0x21, 0x00, ""),
        binary(0x20, 0x00, ""),
        binary(0x21, 0x11, v4_block + tlv(1, "h2") + tlv(2, "bank.example") + tlv(5, "id")),
        write_proxy_header(all_told(), proxy_checksum::yes),
    };
}

} // namespace

BOOST_AUTO_TEST_CASE(each_beginning_of_a_header_asks_for_more) {
    for (const std::string& each : examples())
        for (std::size_t size = 0; size < each.size(); ++size) {
            const proxy_reading made = read_proxy_header(each.substr(0, size));
            BOOST_REQUIRE((made.what == result::more));
            BOOST_REQUIRE(made.size > size);
            BOOST_REQUIRE(made.size <= each.size());
        }
}

// Exceptions are the letters of a digit, and what no reader may look at: the text of an unknown
// connection and a path behind its end. A checksum whose type changes is an unknown addition.
BOOST_AUTO_TEST_CASE(a_changed_byte_makes_it_wrong_or_another_header) {
    const auto is_ignored = [](const std::string& bytes, std::size_t place) {
        if (bytes.starts_with("PROXY UNKNOWN"))
            return place >= 14;
        if (bytes == write_proxy_header(all_told(), proxy_checksum::yes))
            return place == 16 + 36;
        const bool unix_sockets = bytes.size() > 16 && bytes.starts_with(mark) && bytes[13] == 0x31;
        return unix_sockets && (place - 16) % 108 > 6;
    };
    for (const std::string& each : examples()) {
        const proxy_header first = read(each);
        for (std::size_t place = 0; place < each.size(); ++place)
            for (int value = 0; value < 256; ++value) {
                std::string changed = each;
                changed[place] = static_cast<char>(value);
                if (changed == each || is_ignored(each, place) ||
                    (each.starts_with('P') && differs_in_case_only(changed, each)))
                    continue;
                const proxy_reading made = read_proxy_header(changed);
                const bool same =
                    made.what == result::whole && made.size == each.size() && made.header == first;
                // A connection of the proxy is one whatever the family says.
                if (place == 13 && first.about == subject::proxy)
                    BOOST_REQUIRE(same);
                else
                    BOOST_REQUIRE_MESSAGE(
                        !same, each.size() << " bytes, place " << place << ", value " << value
                    );
            }
    }
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
    std::vector<proxy_header> all = {proxy_header(), all_told()};
    for (const char* from : {"10.1.2.3:4242", "[::ffff:1.2.3.4]:1", "[2001:db8::1]:65535"})
        for (const char* to : {"192.0.2.7:0", "[::]:443"}) {
            all.push_back(of_client(from, to));
            all.back().version = proxy_header::format::text;
            all.push_back(of_client(from, to));
            all.back().datagram = true;
        }
    all.emplace_back().about = subject::unknown;
    all.emplace_back(all.back()).version = proxy_header::format::text;
    for (const std::string& path : {"/run/a"s, std::string(107, 'p')}) {
        proxy_header local;
        local.about = subject::client;
        local.from = local.to = *address::unix_socket(path);
        all.push_back(local);
    }
    all.push_back(read(binary(0x21, 0x31, unix_block(std::string(108, 'p'), ""))));

    for (const proxy_header& each : all)
        for (const auto sum : {proxy_checksum::no, proxy_checksum::yes})
            BOOST_TEST((read(write_proxy_header(each, sum)) == each));
    for (const std::string& each : examples())
        if (!each.starts_with("PROXY UNKNOWN "))
            BOOST_TEST((read(write_proxy_header(read(each))) == read(each)));
}

BOOST_AUTO_TEST_CASE(lines_are_written_the_shortest_way) {
    const auto line = [](proxy_header header) {
        header.version = proxy_header::format::text;
        return write_proxy_header(header);
    };
    BOOST_TEST(line(of_client("1.2.3.4:5", "6.7.8.9:10")) == "PROXY TCP4 1.2.3.4 6.7.8.9 5 10\r\n");
    BOOST_TEST(
        line(of_client("1.2.3.4:5", "[::1]:10")) == "PROXY TCP6 ::ffff:1.2.3.4 ::1 5 10\r\n"
    );
    proxy_header scoped = of_client("[fe80::1%1]:5", "[::1]:10");
    BOOST_TEST(line(scoped) == "PROXY TCP6 fe80::1 ::1 5 10\r\n");
    scoped.datagram = true;
    BOOST_TEST(line(scoped) == "PROXY UNKNOWN\r\n");
    scoped.from = *address::unix_socket("/a");
    BOOST_TEST(line(scoped) == "PROXY UNKNOWN\r\n");
    BOOST_TEST(line(proxy_header()) == "PROXY UNKNOWN\r\n");
    BOOST_TEST((read(write_proxy_header(scoped)).about == subject::unknown));
}

BOOST_AUTO_TEST_CASE(additions_that_are_too_long_are_not_written) {
    proxy_header header = of_client("1.2.3.4:5", "6.7.8.9:10");
    header.authority = std::string(4096 - 16 - 12 - 3, 'a');
    BOOST_TEST(write_proxy_header(header).size() == 4096);
    BOOST_TEST((read(write_proxy_header(header)) == header));
    BOOST_CHECK_THROW(write_proxy_header(header, proxy_checksum::yes), std::length_error);
    header.authority += 'a';
    BOOST_CHECK_THROW(write_proxy_header(header), std::length_error);
    header.authority = std::string(100'000, 'a');
    BOOST_CHECK_THROW(write_proxy_header(header), std::length_error);
    header.authority.clear();
    header.unique_id = std::string(129, 'i');
    BOOST_CHECK_THROW(write_proxy_header(header), std::length_error);
}

BOOST_AUTO_TEST_CASE(a_datagram_has_a_whole_header_of_version_2_for_datagrams) {
    proxy_header client = of_client("1.2.3.4:5", "6.7.8.9:10");
    const std::string of_connection = write_proxy_header(client);
    client.datagram = true;
    const std::string whole = write_proxy_header(client);
    const proxy_reading made = read_proxy_datagram(whole + "payload");
    BOOST_TEST((made.what == result::whole));
    BOOST_TEST(made.size == whole.size());
    BOOST_TEST((made.header == client));
    BOOST_TEST((read_proxy_datagram(write_proxy_header(proxy_header())).what == result::whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_TEST((read_proxy_datagram(whole.substr(0, size)).what == result::wrong));

    const struct {
        std::string bytes;
        const char* reason;
    } wrong[] = {
        {of_connection, "the header is that of a connection"},
        {"PROXY UNKNOWN\r\n", "version 1 is not for datagrams"},
        {"PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n", "version 1 is not for datagrams"},
        {whole.substr(0, 20), "the datagram ends in the header"},
        {"hello", "it does not begin with a header"},
    };

    for (const auto& each : wrong)
        BOOST_TEST(read_proxy_datagram(each.bytes).reason == each.reason);
}

BOOST_AUTO_TEST_CASE(random_bytes_behind_the_mark_read_the_same_however_they_are_cut) {
    for (std::uint32_t seed = 0; seed < 2000; ++seed) {
        std::mt19937 random(seed);
        const std::vector<std::string> all = examples();
        std::string bytes = all[random() % all.size()];
        for (unsigned i = 0; i < 3; ++i)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        const proxy_reading whole = read_proxy_header(bytes);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const proxy_reading part = read_proxy_header(std::string_view(bytes).substr(0, size));
            if (part.what == result::wrong)
                BOOST_REQUIRE((whole.what == result::wrong));
            if (part.what == result::whole)
                BOOST_REQUIRE((whole.what == result::whole && whole.header == part.header));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
