#include "specs.hpp"

#include <aio/base/utf8.hpp>
#include <aio/log/datagram.hpp>
#include <aio/log/datagram_socket.hpp>
#include <aio/log/tree.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <regex>
#include <utility>
#include <vector>

using namespace aio::log;
using aio::testing::temporary_folder;

namespace {

/// The other end: a datagram socket that is read without waiting.
class receiver {
  public:
    explicit receiver(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, path.c_str());
        BOOST_REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    }

    receiver() : receiver("127.0.0.1", 0) {}

    receiver(const char* host, std::uint16_t port) : fd_(::socket(AF_INET, SOCK_DGRAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        ::inet_pton(AF_INET, host, &address.sin_addr);
        BOOST_REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    }

    receiver(const receiver&) = delete;
    receiver& operator=(const receiver&) = delete;

    ~receiver() { ::close(fd_); }

    std::uint16_t port() const {
        sockaddr_in address{};
        socklen_t size = sizeof(address);
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
        return ntohs(address.sin_port);
    }

    /// Text of the next datagram; of the file that came with it when it is empty.
    std::string next() const {
        std::string text(300000, '\0');
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
        iovec part{text.data(), text.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof(control);
        const auto got = ::recvmsg(fd_, &message, MSG_DONTWAIT);
        if (const cmsghdr* header = CMSG_FIRSTHDR(&message); got >= 0 && header) {
            int file = -1;
            std::memcpy(&file, CMSG_DATA(header), sizeof(file));
            text.resize(10'000'000);
            const auto read = ::pread(file, text.data(), text.size(), 0);
            ::close(file);
            return text.substr(0, static_cast<std::size_t>(std::max<ssize_t>(read, 0)));
        }
        return text.substr(0, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    }

  private:
    int fd_;
};

/// A log service that takes connections.
class listener {
  public:
    listener(const std::string& path, int type) : fd_(::socket(AF_UNIX, type | SOCK_NONBLOCK, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, path.c_str());
        BOOST_REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
        BOOST_REQUIRE(::listen(fd_, 8) == 0);
    }

    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    ~listener() {
        ::close(client_);
        ::close(fd_);
    }

    /// What has come so far over the newest connection.
    std::string read() {
        if (const int fresh = ::accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK); fresh >= 0)
            ::close(std::exchange(client_, fresh));
        std::string text;
        std::array<char, 65536> room;
        for (;;) {
            const auto got = ::recv(client_, room.data(), room.size(), 0);
            if (got <= 0)
                return text;
            text.append(room.data(), static_cast<std::size_t>(got));
        }
    }

  private:
    int fd_;
    int client_ = -1;
};

datagram_target ipv4(std::uint16_t port) {
    datagram_target target;
    auto& address = reinterpret_cast<sockaddr_in&>(target.address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    target.size = sizeof address;
    return target;
}

syslog_args syslog_at(std::string path) {
    syslog_args args;
    args.path = std::move(path);
    return args;
}

} // namespace

BOOST_AUTO_TEST_SUITE(datagram)

BOOST_AUTO_TEST_CASE(severities_are_syslogs) {
    BOOST_TEST(severity(level::debug) == 7);
    BOOST_TEST(severity(level::info) == 6);
    BOOST_TEST(severity(level::warning) == 4);
    BOOST_TEST(severity(level::error) == 3);
    BOOST_TEST(severity(level::critical) == 2);
}

BOOST_AUTO_TEST_CASE(syslog_over_a_unix_socket) {
    temporary_folder folder;
    const receiver at(folder / "log");
    tree all;
    syslog_args args = syslog_at(folder / "log");
    args.facility = 3;
    BOOST_TEST(!all.configure(one_handler(args, "%(name)s: %(message)s")).failed());
    all.get("aio").error("hello {}", "w");
    const std::regex expected(
        "<27>[A-Z][a-z]{2} [ 0-9]\\d \\d\\d:\\d\\d:\\d\\d test_log\\[" + std::to_string(getpid()) +
        "\\]: aio: hello w"
    );
    const std::string got = at.next();
    BOOST_TEST(std::regex_match(got, expected), got);
}

BOOST_AUTO_TEST_CASE(report_log_4_syslog_over_a_unix_stream_ends_each_record_with_nul) {
    temporary_folder folder;
    listener at(folder / "log", SOCK_STREAM);
    tree all;
    BOOST_TEST(!all.configure(one_handler(syslog_at(folder / "log"), "%(message)s")).failed());
    all.root().error("one");
    all.root().error("two {} end", std::string("a\0b", 3));
    const std::string got = at.read();
    BOOST_TEST(std::ranges::count(got, '\0') == 2);
    BOOST_TEST(got.find("]: one\0", 0, 7) != std::string::npos);
    BOOST_TEST(got.ends_with(" end" + std::string(1, '\0')));
    BOOST_TEST(all.lost() == 0u);
}

BOOST_AUTO_TEST_CASE(report_log_4_syslog_over_a_unix_socket_of_packets) {
    temporary_folder folder;
    listener at(folder / "log", SOCK_SEQPACKET);
    tree all;
    BOOST_TEST(!all.configure(one_handler(syslog_at(folder / "log"), "%(message)s")).failed());
    all.root().error("one");
    BOOST_TEST(at.read().ends_with("]: one"));
}

BOOST_AUTO_TEST_CASE(a_record_that_a_stream_takes_in_part_is_completed_first) {
    temporary_folder folder;
    listener at(folder / "log", SOCK_STREAM);
    datagram_socket socket(folder / "log", socket_kinds::any);
    const std::string big(10'000'000, 'x');
    int error = 0;
    std::size_t taken = 0;
    for (; error == 0 && taken < 20; taken += error == 0)
        error = socket.send(big);
    BOOST_TEST(error == EAGAIN);
    BOOST_TEST(socket.away().empty());
    std::string got = at.read();
    error = socket.send("last"); // EAGAIN while the rest of a large record is under way
    got += at.read();
    while (error == EAGAIN) {
        error = socket.send("last");
        got += at.read();
    }
    BOOST_TEST(error == 0);
    std::string expected;
    for (; taken > 0; --taken)
        expected += big + '\0';
    BOOST_TEST((got == expected + "last" + '\0'));
}

BOOST_AUTO_TEST_CASE(a_log_service_with_a_stream_that_ends_and_comes_back) {
    temporary_folder folder;
    std::optional<listener> at(std::in_place, folder / "log", SOCK_STREAM);
    datagram_socket socket(folder / "log", socket_kinds::any);
    BOOST_TEST(socket.send("one") == 0);
    BOOST_TEST(at->read() == std::string("one\0", 4));
    at.reset();
    BOOST_TEST(socket.send("nobody") != 0);
    BOOST_TEST(!socket.away().empty());
    std::filesystem::remove(folder / "log");
    at.emplace(folder / "log", SOCK_STREAM);
    datagram_socket again(folder / "log", socket_kinds::any);
    BOOST_TEST(again.send("two") == 0);
    BOOST_TEST(at->read() == std::string("two\0", 4));
}

BOOST_AUTO_TEST_CASE(syslog_over_udp_names_the_host) {
    const receiver at;
    tree all;
    syslog_args args;
    args.host = "127.0.0.1";
    args.port = at.port();
    BOOST_TEST(!all.configure(one_handler(args, "%(message)s")).failed());
    all.root().info("hello");
    all.root().info("{}", std::string(100000, 'x'));
    const std::regex expected("<14>.{15} [^ ]+ test_log\\[\\d+\\]: hello");
    const std::string got = at.next();
    BOOST_TEST(std::regex_match(got, expected), got);
    const std::string cut = at.next();
    const std::size_t end = cut.find(" [cut here, ");
    BOOST_REQUIRE(end != std::string::npos);
    BOOST_TEST(cut.size() <= 8192u);
    BOOST_TEST(cut.ends_with(" bytes more]"));
    const std::size_t head = got.size() - std::string_view("hello").size();
    BOOST_TEST(end + std::stoul(cut.substr(end + 12)) == head + 100000);
    BOOST_TEST(all.lost() == 0u);
}

BOOST_AUTO_TEST_CASE(a_record_is_cut_between_two_characters) {
    BOOST_TEST(cut_record(std::string(100, 'x'), 100) == std::string(100, 'x'));
    BOOST_TEST(
        cut_record(std::string(101, 'x'), 100) ==
        std::string(52, 'x') + " [cut here, 49 bytes more]"
    );
    for (std::size_t before = 0; before < 4; ++before) {
        std::string text(before, 'x');
        while (text.size() < 200)
            text += "\xF0\x9F\x98\x80";
        const std::string got = cut_record(text, 100);
        BOOST_TEST(got.size() <= 100u);
        BOOST_TEST(aio::base::find_invalid_utf8(got) == std::string::npos);
    }
    const std::string no_text(200, '\x80'); // is cut anyway
    BOOST_TEST(cut_record(no_text, 100).starts_with(std::string(49, '\x80') + " [cut here"));
}

BOOST_AUTO_TEST_CASE(report_s_6_records_go_to_standard_error_until_the_log_is_reached) {
    temporary_folder folder;
    const int kept = ::dup(STDERR_FILENO);
    const int file = ::open((folder / "err").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file, STDERR_FILENO);
    tree all;
    const syslog_args args = syslog_at(folder / "log");
    BOOST_TEST(!all.configure(one_handler(args, "%(message)s")).failed());
    all.root().info("on standard error");
    ::dup2(kept, STDERR_FILENO);
    ::close(kept);
    ::close(file);
    const std::string said = folder.read("err");
    BOOST_TEST(said.starts_with("aio: warning: the log cannot reach " + args.path), said);
    BOOST_TEST(said.ends_with("until it can\non standard error\n"), said);

    const receiver at(args.path);
    datagram_socket socket(args.path);
    BOOST_TEST(socket.away().empty());
}

BOOST_AUTO_TEST_CASE(report_s_6_the_pauses_between_the_attempts_grow) {
    using clock = datagram_socket::clock;
    static clock::time_point now;
    now = clock::time_point(std::chrono::hours(1));
    const clock::time_point begun = now;
    const temporary_folder folder;
    const std::string path = folder / "log";
    datagram_socket socket(path, socket_kinds::datagram, [] { return now; });

    // The reason of a failure changes with each attempt: the path exists only when the last attempt
    // has not found it.
    std::vector<long> attempts;
    for (; now < begun + std::chrono::seconds(300); now += std::chrono::milliseconds(500)) {
        const std::string before = socket.away();
        if (before == "No such file or directory")
            const receiver closed(path); // its file stays
        BOOST_TEST(socket.send("lost") != 0);
        std::filesystem::remove(path);
        if (socket.away() != before)
            attempts.push_back((now - begun) / std::chrono::seconds(1));
    }
    const std::vector<long> grow{1, 3, 7, 15, 31, 63, 123, 183, 243};
    BOOST_TEST(attempts == grow, boost::test_tools::per_element());

    now += std::chrono::seconds(60);
    std::optional<receiver> at(path);
    BOOST_TEST(socket.send("arrives") == 0);
    at.reset();
    std::filesystem::remove(path);
    BOOST_TEST(socket.send("lost") != 0); // a socket that has worked begins with the shortest pause
    now += std::chrono::seconds(1);
    at.emplace(path);
    BOOST_TEST(socket.send("arrives again") == 0);
}

BOOST_AUTO_TEST_CASE(a_socket_in_a_folder_that_does_not_exist_is_an_error) {
    temporary_folder folder;
    tree all;
    syslog_args args;
    args.path = folder / "none/log";
    const auto wrong = all.configure(one_handler(args));
    BOOST_TEST_REQUIRE(wrong.errors() == 1u);
    BOOST_TEST(wrong.begin()->text.find("No such file or directory") != std::string::npos);
    args.path = std::string(200, 'x');
    BOOST_TEST(all.configure(one_handler(args)).errors() == 1u);
}

BOOST_AUTO_TEST_CASE(a_log_host_without_an_address_is_a_warning) {
    tree all;
    syslog_args args;
    args.host = "no-such-host.invalid";
    BOOST_TEST(!all.configure(one_handler(args)).failed());
}

BOOST_AUTO_TEST_CASE(syslog_gets_a_message_of_several_lines_as_one_record) {
    temporary_folder folder;
    const receiver at(folder / "log");
    tree all;
    BOOST_TEST(!all.configure(one_handler(syslog_at(folder / "log"), "%(message)s")).failed());
    all.root().info("a\n<0>forged");
    BOOST_TEST(at.next().ends_with(": a\\n    | <0>forged"));
}

BOOST_AUTO_TEST_CASE(a_log_socket_that_was_made_anew_is_found_at_once) {
    const temporary_folder folder;
    std::optional<receiver> at(folder / "log");
    datagram_socket socket(folder / "log");
    for (int restart = 0; restart < 3; ++restart) {
        BOOST_TEST(socket.send("x") == 0);
        BOOST_TEST(at->next() == "x");
        at.reset();
        std::filesystem::remove(folder / "log");
        at.emplace(folder / "log");
    }
}

BOOST_AUTO_TEST_CASE(the_addresses_of_a_log_host_are_tried_in_turn) {
    const receiver at;
    std::uint16_t closed = 0;
    {
        const receiver gone;
        closed = gone.port();
    }
    datagram_socket socket({ipv4(closed), ipv4(at.port())}, "logs.example:514");
    BOOST_TEST(socket.send("first") == 0);
    BOOST_TEST(socket.send("second") == 0);
    BOOST_TEST(at.next() == "first");
    BOOST_TEST(at.next() == "second");
    BOOST_TEST(socket.away() == "");

    datagram_socket none({ipv4(closed), ipv4(closed)}, "logs.example:514");
    BOOST_TEST(none.send("lost") != 0);
    BOOST_TEST(none.away() == "Connection refused");
}

BOOST_AUTO_TEST_CASE(an_address_that_stops_to_answer_is_left_for_the_next) {
    const receiver second;
    std::optional<receiver> first(std::in_place);
    datagram_socket socket({ipv4(first->port()), ipv4(second.port())}, "logs.example:514");
    BOOST_TEST(socket.send("one") == 0);
    BOOST_TEST(first->next() == "one");
    first.reset();
    BOOST_TEST(socket.send("lost") == 0); // whether it arrived is known at the next one
    BOOST_TEST(socket.send("two") == 0);
    BOOST_TEST(second.next() == "two");
}

BOOST_AUTO_TEST_CASE(a_log_host_that_moves_without_a_word_is_found) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    const temporary_folder folder;
    const std::string hosts = folder.write("hosts", "127.0.0.9 loghost\n");
    const auto exit_status_of_child = [&] {
        if (::unshare(CLONE_NEWNS) != 0 ||
            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount(hosts.c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) != 0)
            return 77;
        const receiver before("127.0.0.9", 0); // it does not close
        const receiver after("127.0.0.8", before.port());
        datagram_socket socket("loghost", before.port(), datagram_socket::clock::duration::zero());
        if (socket.send("one") != 0 || before.next() != "one")
            return 1;
        folder.write("hosts", "127.0.0.8 loghost\n");
        while (after.next().empty()) // the lookup needs a moment
            if (socket.send("two") != 0)
                return 2;
        return socket.away().empty() ? 0 : 3;
    };
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(exit_status_of_child());
    int status = -1;
    BOOST_TEST(::waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        BOOST_TEST_MESSAGE("skipped: no namespaces here");
    else
        BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_CASE(records_go_to_standard_error_when_the_way_to_the_log_host_is_lost) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    const temporary_folder folder;
    const auto exit_status_of_child = [&] {
        if (::unshare(CLONE_NEWNET) != 0)
            return 77;
        const int control = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        ifreq device{};
        std::strcpy(device.ifr_name, "lo");
        device.ifr_flags = IFF_UP;
        ::ioctl(control, SIOCSIFFLAGS, &device);
        const receiver at;
        tree all;
        syslog_args args;
        args.host = "127.0.0.1";
        args.port = at.port();
        if (all.configure(one_handler(args, "%(message)s")).failed())
            return 1;
        all.root().info("arrives");
        if (!at.next().ends_with("arrives"))
            return 2;
        ::dup2(::open((folder / "err").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), 2);
        ifreq no_address{};
        std::strcpy(no_address.ifr_name, "lo");
        no_address.ifr_addr.sa_family = AF_INET;
        ::ioctl(control, SIOCSIFADDR, &no_address);
        all.root().info("passed on");
        return 0;
    };
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(exit_status_of_child());
    int status = -1;
    BOOST_TEST(::waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        BOOST_TEST_MESSAGE("skipped: no namespaces here");
        return;
    }
    BOOST_TEST(status == 0);
    const std::string said = folder.read("err");
    BOOST_TEST(
        said.find("Network is unreachable; its records go to standard error") != said.npos, said
    );
    BOOST_TEST(said.ends_with("\npassed on\n"), said);
}

BOOST_AUTO_TEST_CASE(a_receiver_that_ends_loses_records_and_nothing_else) {
    temporary_folder folder;
    tree all;
    journald_args args{folder / "socket"};
    {
        const receiver at(folder / "socket");
        BOOST_TEST(!all.configure(one_handler(args)).failed());
    }
    all.root().info("nobody");
    BOOST_TEST(all.lost() == 1u);
}

BOOST_AUTO_TEST_CASE(a_journal_field_of_several_lines_carries_its_length) {
    std::string text;
    append_journal_field(text, "A", "b=c");
    append_journal_field(text, "M", "x\ny");
    BOOST_TEST(text == std::string("A=b=c\nM\n\3\0\0\0\0\0\0\0x\ny\n", 6 + 2 + 8 + 4));
}

BOOST_AUTO_TEST_CASE(the_journals_protocol) {
    temporary_folder folder;
    const receiver at(folder / "socket");
    tree all;
    BOOST_TEST(!all.configure(one_handler(journald_args{folder / "socket"}, "%(message)s")).failed()
    );
    all.get("aio.server").warning("hello");
    const std::string got = at.next();
    BOOST_TEST(
        got.starts_with("MESSAGE=hello\nPRIORITY=4\nSYSLOG_IDENTIFIER=test_log\nLEVEL=WARNING\n"
                        "LOGGER=aio.server\nTID="),
        got
    );
}

BOOST_AUTO_TEST_CASE(the_journal_gets_large_records_as_a_file) {
    temporary_folder folder;
    const receiver at(folder / "socket");
    tree all;
    BOOST_TEST(!all.configure(one_handler(journald_args{folder / "socket"}, "%(message)s")).failed()
    );
    all.root().warning("{}", std::string(9'000'000, 'x'));
    BOOST_TEST(all.lost() == 0u);
    BOOST_TEST(at.next().starts_with("MESSAGE=xxxx"));
}

BOOST_AUTO_TEST_SUITE_END()
