#include "../support/few_descriptors.hpp"
#include "peer.hpp"

#include <aio/net/bind.hpp>
#include <aio/net/socket_file.hpp>
#include <aio/net/socket_place.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <barrier>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

using namespace aio::net;

namespace {

bind_request tcp(std::vector<std::string> addresses, std::uint16_t port) {
    bind_request made;
    made.addresses = std::move(addresses);
    made.port = port;
    return made;
}

bind_request unix_at(const std::string& path) {
    bind_request made;
    made.transport = transport_kind::unix_stream;
    made.path = path;
    return made;
}

void listen_all(const std::vector<endpoint>& all) {
    for (const endpoint& one : all)
        for (const aio::net::socket& each : one.sockets)
            aio::net::listen(one.name, each, 16);
}

struct ::stat stat_of(const std::string& path) {
    struct ::stat found{};
    BOOST_REQUIRE(::stat(path.c_str(), &found) == 0);
    return found;
}

/// In a child process. Returns false when `check` does, or when it throws.
bool as_nobody(const std::function<bool()>& check) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        bool passed = false;
        try {
            passed = ::setgroups(0, nullptr) == 0 && ::setgid(65534) == 0 && ::setuid(65534) == 0 &&
                     check();
        } catch (const std::exception&) {
        }
        ::_exit(passed ? 0 : 1);
    }
    int status = 1;
    return ::waitpid(pid, &status, 0) == pid && status == 0;
}

bool loopback_up() {
    const aio::net::socket any{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ::ifreq lo{};
    lo.ifr_name[0] = 'l', lo.ifr_name[1] = 'o';
    lo.ifr_flags = IFF_UP;
    return ::ioctl(any.get(), SIOCSIFFLAGS, &lo) == 0;
}

int code_of(const bind_request& what) {
    try {
        bind(what);
    } catch (const std::system_error& e) {
        return e.code().value();
    }
    return 0;
}

std::string refusal_of(const bind_request& what) {
    try {
        aio::net::bind(what, resolve_all(host_names(what)));
    } catch (const std::system_error& e) {
        return e.what();
    }
    return "bound";
}

} // namespace

BOOST_AUTO_TEST_SUITE(bind_)

BOOST_AUTO_TEST_CASE(port_0_picks_one_and_says_which) {
    const auto all = bind(tcp({"127.0.0.1"}, 0));
    BOOST_REQUIRE(all.size() == 1u);
    BOOST_TEST(all[0].at.port() != 0);
    BOOST_TEST(all[0].name == "127.0.0.1:" + std::to_string(all[0].at.port()));
}

BOOST_AUTO_TEST_CASE(without_an_address_v4_and_v6_share_one_socket) {
    const auto all = bind(tcp({}, 0));
    BOOST_REQUIRE(all.size() == 1u);
    BOOST_TEST(all[0].name == "*:" + std::to_string(all[0].at.port()));
    listen_all(all);
    support::peer::connect("127.0.0.1:" + std::to_string(all[0].at.port()));
    support::peer::connect("[::1]:" + std::to_string(all[0].at.port()));
}

BOOST_AUTO_TEST_CASE(several_addresses_get_the_same_port) {
    const auto all = bind(tcp({"127.0.0.1", "::1", "127.0.0.2"}, 0));
    BOOST_REQUIRE(all.size() == 3u);
    BOOST_TEST(all[0].at.port() == all[1].at.port());
    BOOST_TEST(all[2].name == "127.0.0.2:" + std::to_string(all[0].at.port()));
}

// In a network of its own with two ports to pick from, one of them taken at one of the addresses.
BOOST_AUTO_TEST_CASE(a_port_that_is_in_use_at_another_address_is_not_picked) {
    std::string problem;
    int other = 0;
    std::thread([&] {
        if (::unshare(CLONE_NEWNET) != 0 || !loopback_up() ||
            !(std::ofstream("/proc/sys/net/ipv4/ip_local_port_range") << "40000 40001").flush()) {
            problem = "no network of its own: " + std::string(std::strerror(errno));
            return;
        }
        const auto taken = bind(tcp({"127.0.0.2"}, 40001)); // what Linux would pick first
        listen_all(taken);
        for (int i = 0; i < 20; ++i)
            try {
                other += bind(tcp({"127.0.0.1", "127.0.0.2"}, 0)).back().at.port() == 40000;
            } catch (const std::system_error&) {
            }
    }).join();
    if (problem.empty())
        BOOST_TEST(other == 20);
    else
        BOOST_TEST_MESSAGE(problem);
}

namespace {

/// Calls `what` in a network of its own without IPv6 and with these hosts. What kept it from that.
std::string without_v6(const std::string& hosts, const std::function<void()>& what) {
    const aio::testing::temporary_folder folder;
    folder.write("hosts", hosts);
    std::string problem;
    std::thread([&] {
        if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0 ||
            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount((folder / "hosts").c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) != 0 ||
            !loopback_up()) {
            problem = "no network of its own: " + std::string(std::strerror(errno));
            return;
        }
        std::ofstream("/proc/sys/net/ipv6/conf/all/disable_ipv6") << "1";
        what();
    }).join();
    return problem;
}

} // namespace

BOOST_AUTO_TEST_CASE(report_net_2_the_addresses_of_a_name_are_a_set_of_offers) {
    struct result {
        std::vector<std::string> names, missing;
        std::string error;
    };

    const auto try_bind = [](transport_kind kind, const std::vector<std::string>& addresses) {
        bind_request request = tcp(addresses, 0);
        request.transport = kind;
        request.loops = 2;
        result made;
        try {
            const auto all = aio::net::bind(
                request, aio::net::resolve_all(aio::net::host_names(request)), &made.missing
            );
            for (const endpoint& each : all)
                made.names.push_back(each.at.host());
            for (const endpoint& each : all)
                BOOST_TEST(each.at.port() == all.front().at.port());
        } catch (const std::system_error& e) {
            made.error = e.what();
        }
        return made;
    };
    std::vector<result> got;
    const std::string hosts = "::1 both.test\n127.0.0.1 both.test\n127.0.0.1 twice.test\n"
                              "127.0.0.1 twice.test\n127.0.0.2 twice.test\n192.0.2.1 away.test\n"
                              "fe80::1 near.test\n127.0.0.3 near.test\n"
                              "::ffff:10.9.9.9 mixed.test\nff02::1 mixed.test\n"
                              "ff0e::1 mixed.test\n127.0.0.4 mixed.test\n"
                              "::ffff:127.0.0.5 mixed.test\n127.0.0.5 mixed.test\n"
                              "ff0e::1 group.test\n";
    const std::string problem = without_v6(hosts, [&] {
        for (const transport_kind kind : {transport_kind::tcp, transport_kind::udp}) {
            got.push_back(try_bind(kind, {"both.test"}));
            got.push_back(try_bind(kind, {"127.0.0.9", "both.test", "127.0.0.1"}));
            got.push_back(try_bind(kind, {"twice.test"}));
            got.push_back(try_bind(kind, {"away.test"}));
            got.push_back(try_bind(kind, {"::1"}));
            got.push_back(try_bind(kind, {"near.test"}));
            got.push_back(try_bind(kind, {"mixed.test"}));
            got.push_back(try_bind(kind, {"group.test"}));
        }
    });
    if (!problem.empty()) {
        BOOST_TEST_MESSAGE(problem);
        return;
    }
    using texts = std::vector<std::string>;
    for (std::size_t i = 0; i < got.size(); i += 8) {
        BOOST_TEST(got[i].names == texts{"127.0.0.1"}, boost::test_tools::per_element());
        BOOST_REQUIRE(got[i].missing.size() == 1u);
        BOOST_TEST(got[i].missing[0].starts_with("both.test: [::1]:"));
        BOOST_TEST(got[i].missing[0].ends_with(": Cannot assign requested address"));
        const texts two{"127.0.0.9", "127.0.0.1"};
        BOOST_TEST(got[i + 1].names == two, boost::test_tools::per_element());
        const texts pair{"127.0.0.1", "127.0.0.2"};
        BOOST_TEST(got[i + 2].names == pair, boost::test_tools::per_element());
        BOOST_TEST(got[i + 2].missing.empty());
        BOOST_TEST(got[i + 3].error == "away.test: 192.0.2.1:0: Cannot assign requested address");
        BOOST_TEST(got[i + 4].error == "[::1]:0: Cannot assign requested address");
        BOOST_TEST(got[i + 5].names == texts{"127.0.0.3"}, boost::test_tools::per_element());
        std::vector<std::string> mixed = got[i + 6].names;
        std::ranges::sort(mixed);
        // Datagrams to a group are received by a socket that is bound to its address.
        const bool datagrams = i > 0;
        texts usable{"127.0.0.4", "127.0.0.5"};
        if (datagrams)
            usable.emplace_back("ff0e::1");
        BOOST_TEST(mixed == usable, boost::test_tools::per_element());
        BOOST_TEST(got[i + 6].missing.size() == (datagrams ? 2u : 3u));
        for (const std::string& missing : got[i + 6].missing)
            BOOST_TEST(missing.starts_with("mixed.test: "), missing);
        if (datagrams)
            BOOST_TEST(got[i + 7].names == texts{"ff0e::1"}, boost::test_tools::per_element());
        else
            BOOST_TEST(got[i + 7].error.starts_with("group.test: [ff0e::1]:0"), got[i + 7].error);
    }
}

BOOST_AUTO_TEST_CASE(what_can_be_an_address_is_known_without_asking) {
    for (const char* good :
         {"127.0.0.1",
          "::1",
          "[::1]",
          "fe80::1%lo",
          "fe80::1%eth77",
          "*",
          "localhost",
          "a.example.",
          "4you.example",
          "x_y-z.example",
          "b\u00fccher.example"})
        BOOST_TEST(names_a_host(good), good);
    for (const char* bad :
         {"",
          ".",
          "not an address",
          "127.0.0.1:80",
          "256.1.1.1",
          "1.2.3",
          "[::1]:80",
          "a..b",
          "tcp://x",
          "a,b"})
        BOOST_TEST(!names_a_host(bad), bad);
}

BOOST_AUTO_TEST_CASE(a_busy_port_is_an_error_that_names_it) {
    const auto first = bind(tcp({"127.0.0.1"}, 0));
    listen_all(first);
    try {
        bind(tcp({"127.0.0.1"}, first[0].at.port()));
        BOOST_ERROR("bound twice");
    } catch (const std::system_error& e) {
        BOOST_TEST(e.what() == first[0].name + ": Address already in use");
    }
}

BOOST_AUTO_TEST_CASE(an_address_is_named_as_it_was_written) {
    const auto mapped = bind(tcp({"::ffff:127.0.0.1"}, 0));
    BOOST_REQUIRE(mapped.size() == 1u);
    listen_all(mapped);
    const std::uint16_t port = mapped[0].at.port();
    const std::string text = "127.0.0.1:" + std::to_string(port);
    BOOST_TEST(mapped[0].name == text);
    support::peer::connect(text);
    const std::string in_use = text + ": Address already in use";
    BOOST_TEST(refusal_of(tcp({"::ffff:127.0.0.1"}, port)) == "::ffff:127.0.0.1: " + in_use);
    BOOST_TEST(refusal_of(tcp({"127.0.0.1"}, port)) == in_use);
    BOOST_TEST(
        refusal_of(tcp({"fe80::1%eth77"}, 1)) == "fe80::1%eth77: there is no interface 'eth77'"
    );
}

BOOST_AUTO_TEST_CASE(an_address_that_cannot_be_listened_on_is_told_what_it_is) {
    BOOST_TEST(
        refusal_of(tcp({"224.0.0.1"}, 1)) ==
        "224.0.0.1:1: is a multicast address, not the address of a machine"
    );
    BOOST_TEST(
        refusal_of(tcp({"ff02::1"}, 1)) ==
        "[ff02::1]:1: is a multicast address, not the address of a machine"
    );
    BOOST_TEST(
        refusal_of(tcp({"255.255.255.255"}, 1)) ==
        "255.255.255.255:1: is the broadcast address, not the address of a machine"
    );
    const std::string local = refusal_of(tcp({"fe80::1"}, 1));
    BOOST_TEST(
        (local == "[fe80::1]:1: needs an interface, as in fe80::1%eth0" ||
         local.ends_with("Address family not supported by protocol"))
    );
}

BOOST_AUTO_TEST_CASE(a_group_shares_its_port_but_with_nobody_else) {
    bind_request group = tcp({"127.0.0.1"}, 0);
    group.loops = 3;
    const auto first = bind(group);
    BOOST_REQUIRE(first[0].sockets.size() == 3u);
    listen_all(first);
    group.port = first[0].at.port();
    BOOST_TEST(code_of(group) == EADDRINUSE);
    group.loops = 1;
    BOOST_TEST(code_of(group) == EADDRINUSE);
}

BOOST_AUTO_TEST_CASE(reuse_port_shares_with_others_that_do) {
    bind_request sharing = tcp({"127.0.0.1"}, 0);
    sharing.reuse_port = true;
    const auto first = bind(sharing);
    listen_all(first);
    sharing.port = first[0].at.port();
    const auto second = bind(sharing);
    listen_all(second);
    BOOST_TEST(second[0].at.port() == first[0].at.port());
}

BOOST_AUTO_TEST_CASE(udp_and_datagram_groups_are_bound_too) {
    bind_request udp = tcp({}, 0);
    udp.transport = transport_kind::udp;
    udp.loops = 2;
    const auto first = bind(udp);
    BOOST_TEST(first[0].sockets.size() == 2u);
    udp.port = first[0].at.port();
    BOOST_TEST(code_of(udp) == EADDRINUSE);
}

BOOST_AUTO_TEST_CASE(a_unix_socket_has_its_mode_and_goes_with_its_owner) {
    const aio::testing::temporary_folder folder;
    const std::string path = folder / "s";
    bind_request what = unix_at(path);
    what.mode = 0600;
    {
        const auto all = bind(what);
        struct ::stat found{};
        BOOST_REQUIRE(::lstat(path.c_str(), &found) == 0);
        BOOST_TEST((found.st_mode & 07777) == 0600u);
    }
    BOOST_TEST(::access(path.c_str(), F_OK) == -1);
}

BOOST_AUTO_TEST_CASE(what_took_the_place_of_a_unix_socket_is_neither_given_nor_removed) {
    const aio::testing::temporary_folder folder;
    const std::string path = folder / "s";
    const auto all = bind(unix_at(path));
    BOOST_TEST(!all[0].file->give_to(::getuid(), ::getgid()));
    BOOST_REQUIRE(::unlink(path.c_str()) == 0);
    folder.write("s", "another's");
    BOOST_TEST(all[0].file->give_to(::getuid(), ::getgid()).value() == ENOENT);
    BOOST_TEST(!all[0].file->remove());
    BOOST_TEST(folder.has("s"));
}

BOOST_AUTO_TEST_CASE(a_unix_socket_somebody_listens_on_is_not_taken_away) {
    const aio::testing::temporary_folder folder;
    const std::string path = folder / "s";
    const auto first = bind(unix_at(path));
    listen_all(first);
    BOOST_TEST(code_of(unix_at(path)) == EADDRINUSE);
    support::peer::connect(path);
}

BOOST_AUTO_TEST_CASE(a_unix_socket_that_is_only_bound_is_not_taken_away_either) {
    const aio::testing::temporary_folder folder;
    bind_request what = unix_at(folder / "s");
    for (const transport_kind kind : {transport_kind::unix_stream, transport_kind::unix_datagram}) {
        what.transport = kind;
        const auto first = bind(what);
        BOOST_TEST(code_of(what) == EADDRINUSE);
        BOOST_TEST(::access(what.path.c_str(), F_OK) == 0);
    }
}

BOOST_AUTO_TEST_CASE(of_several_that_start_at_once_one_gets_the_unix_socket) {
    const aio::testing::temporary_folder folder;
    constexpr int rounds = 100, starters = 4;
    bind_request what = unix_at(folder / "s");
    for (int i = 0; i < rounds; ++i) {
        what.transport = i % 2 ? transport_kind::unix_stream : transport_kind::unix_datagram;
        auto dead = bind(what);
        dead[0].sockets.clear();
        std::vector<endpoint> all[starters];
        std::vector<std::thread> threads;
        std::barrier at_once(starters);
        for (auto& mine : all)
            threads.emplace_back([&] {
                at_once.arrive_and_wait();
                try {
                    mine = bind(what);
                } catch (const std::system_error& e) {
                    if (e.code().value() != EADDRINUSE)
                        std::abort();
                }
            });
        for (std::thread& one : threads)
            one.join();
        BOOST_REQUIRE(std::ranges::count_if(all, [](const auto& one) {
                          return !one.empty();
                      }) == 1);
        const int type = i % 2 ? SOCK_STREAM : SOCK_DGRAM;
        support::peer::connect(what.path, type);
        BOOST_REQUIRE(!folder.has("s.lock"));
    }
}

BOOST_AUTO_TEST_CASE(a_lock_that_was_left_behind_is_no_hindrance_and_a_held_one_is) {
    const aio::testing::temporary_folder folder;
    const bind_request what = unix_at(folder / "s");
    folder.write("s.lock", "");
    bind(what);
    BOOST_TEST(!folder.has("s.lock"));
    folder.write("s.lock", "");
    const aio::net::socket held{::open((what.path + ".lock").c_str(), O_RDONLY | O_CLOEXEC)};
    BOOST_REQUIRE(::flock(held.get(), LOCK_EX) == 0);
    try {
        bind(what);
        BOOST_ERROR("bound beside another");
    } catch (const std::system_error& e) {
        BOOST_TEST(
            e.what() == what.path + ".lock is held by another process: Address already in use"
        );
    }
}

BOOST_AUTO_TEST_CASE(who_may_not_change_the_folder_cannot_open_its_locks) {
    const aio::testing::temporary_folder folder;
    const auto mode_in = [&](mode_t of_folder) {
        BOOST_REQUIRE(::chmod(folder.path().c_str(), of_folder) == 0);
        const socket_place place(folder / "s");
        const path_lock lock(place, aio::base::duration{0});
        struct ::stat found{};
        BOOST_REQUIRE(::stat((folder / "s.lock").c_str(), &found) == 0);
        return found.st_mode & 07777u;
    };
    for (const mode_t mask : {0u, 077u}) {
        const mode_t before = ::umask(mask);
        BOOST_TEST(mode_in(0700) == 0600u);
        BOOST_TEST(mode_in(0755) == 0600u);
        BOOST_TEST(mode_in(0775) == 0660u);
        BOOST_TEST(mode_in(01777) == 0666u);
        ::umask(before);
    }
}

BOOST_AUTO_TEST_CASE(root_gives_a_lock_to_the_owner_of_the_folder) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: only root can give files away");
        return;
    }
    const aio::testing::temporary_folder folder;
    BOOST_REQUIRE(::chown(folder.path().c_str(), 65534, 65533) == 0);
    BOOST_REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
    const socket_place place(folder / "s");
    const path_lock lock(place, aio::base::duration{0});
    const struct ::stat found = stat_of(folder / "s.lock");
    BOOST_TEST(found.st_uid == 65534u);
    BOOST_TEST(found.st_gid == 65533u);
    BOOST_TEST((found.st_mode & 07777u) == 0600u);
}

BOOST_AUTO_TEST_CASE(a_lock_of_a_foreign_group_gives_that_group_the_rights_of_all_others) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: only root can become another user");
        return;
    }
    const aio::testing::temporary_folder folder;
    const auto is_made = [&](mode_t of_folder, mode_t expected) {
        BOOST_REQUIRE(::chmod(folder.path().c_str(), of_folder) == 0);
        return as_nobody([&] {
            const socket_place place(folder / "s");
            const path_lock lock(place, aio::base::duration{0});
            return (stat_of(folder / "s.lock").st_mode & 07777u) == expected;
        });
    };
    BOOST_TEST(is_made(01777, 0666));
    BOOST_TEST(is_made(0707, 0666));
    BOOST_REQUIRE(::chown(folder.path().c_str(), 65534, 0) == 0);
    BOOST_TEST(is_made(0775, 0600));
}

BOOST_AUTO_TEST_CASE(a_lock_that_another_user_is_making_is_waited_for) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: only root can become another user");
        return;
    }
    aio::testing::temporary_folder folder;
    const auto wait_as_nobody = [&](mode_t of_folder, aio::base::duration least) {
        BOOST_REQUIRE(::chmod(folder.path().c_str(), of_folder) == 0);
        BOOST_TEST(as_nobody([&] {
            const socket_place place(folder / "s");
            const auto begun = std::chrono::steady_clock::now();
            try {
                const path_lock lock(place, std::chrono::milliseconds(50));
            } catch (const path_is_held&) {
                return false;
            } catch (const std::system_error& failure) {
                return failure.code().value() == EACCES &&
                       std::chrono::steady_clock::now() - begun >= least;
            }
            return false;
        }));
    };
    folder.write("s.lock", "");
    const std::string lock = folder / "s.lock";
    BOOST_REQUIRE(::chmod(lock.c_str(), 0600) == 0); // as in its first moment
    wait_as_nobody(0777, std::chrono::milliseconds(50));
    wait_as_nobody(0755, {}); // nobody may not change the folder, so nothing is waited for
}

BOOST_AUTO_TEST_CASE(a_lock_that_cannot_be_one_is_said_to_be_that) {
    const aio::testing::temporary_folder folder;
    const std::string path = folder / "s", lock = path + ".lock";
    const auto refused = [&] {
        try {
            bind(unix_at(path));
        } catch (const std::exception& e) {
            return std::string(e.what());
        }
        return std::string();
    };
    BOOST_REQUIRE(::symlink("elsewhere", lock.c_str()) == 0);
    BOOST_TEST(refused() == lock + " is a link and cannot be locked: remove it");
    ::unlink(lock.c_str());
    BOOST_REQUIRE(::mkdir(lock.c_str(), 0700) == 0);
    BOOST_TEST(refused() == lock + " is no regular file and cannot be locked: remove it");
    ::rmdir(lock.c_str());
    BOOST_REQUIRE(::mkfifo(lock.c_str(), 0600) == 0);
    BOOST_TEST(refused() == lock + " is no regular file and cannot be locked: remove it");
}

BOOST_AUTO_TEST_CASE(the_removal_of_a_socket_file_does_not_wait_for_the_lock) {
    const aio::testing::temporary_folder folder;
    const bind_request what = unix_at(folder / "s");
    auto all = bind(what);
    folder.write("s.lock", "");
    const aio::net::socket held{::open((what.path + ".lock").c_str(), O_RDONLY | O_CLOEXEC)};
    BOOST_REQUIRE(::flock(held.get(), LOCK_EX) == 0);
    const auto begun = std::chrono::steady_clock::now();
    all.clear();
    BOOST_TEST((std::chrono::steady_clock::now() - begun < std::chrono::seconds(1)));
    BOOST_TEST(!folder.has("s"));
    BOOST_TEST(folder.has("s.lock"));
}

BOOST_AUTO_TEST_CASE(a_relative_path_leads_to_its_socket_from_any_current_folder) {
    const aio::testing::temporary_folder folder;
    const aio::base::descriptor before(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    BOOST_REQUIRE(::chdir((folder / "").c_str()) == 0);
    const auto all = bind(unix_at("s"));
    const socket_file& file = *all.front().file;
    BOOST_TEST(file.is_there());
    BOOST_REQUIRE(::fchdir(before.get()) == 0);
    BOOST_TEST(file.is_there());
    ::unlink((folder / "s").c_str());
    BOOST_TEST(!file.is_there());
}

BOOST_AUTO_TEST_CASE(a_shortage_of_descriptors_makes_no_socket_lost) {
    const aio::testing::temporary_folder folder;
    const std::string path = folder / "s";
    const auto all = bind(unix_at(path));
    const socket_file& file = *all.front().file;
    {
        const test::few_descriptors none(0);
        BOOST_TEST(file.is_there());
    }
    BOOST_TEST(file.is_there());
    ::unlink(path.c_str());
    BOOST_TEST(!file.is_there());
}

BOOST_AUTO_TEST_CASE(a_file_with_the_name_of_the_lock_that_holds_something_stays) {
    aio::testing::temporary_folder folder;
    folder.write("s.lock", "of another program");
    BOOST_TEST(bind(unix_at(folder / "s")).size() == 1u);
    BOOST_TEST(folder.read("s.lock") == "of another program");
}

BOOST_AUTO_TEST_CASE(the_mode_of_a_unix_socket_is_set_whatever_the_umask) {
    aio::testing::temporary_folder folder;
    const std::string path = folder / "s";
    bind_request what = unix_at(path);
    what.mode = 0777;
    const mode_t before = ::umask(077);
    const auto all = bind(what);
    ::umask(before);
    struct stat found{};
    BOOST_REQUIRE(::stat(path.c_str(), &found) == 0);
    BOOST_TEST((found.st_mode & 07777) == 0777u);
    std::filesystem::rename(path, path + ".moved");
    std::filesystem::create_symlink(path + ".moved", path);
    BOOST_TEST(bool(all.front().file->set_mode(0600)));
    BOOST_REQUIRE(::stat(path.c_str(), &found) == 0);
    BOOST_TEST((found.st_mode & 07777) == 0777u);
}

BOOST_AUTO_TEST_CASE(a_dead_unix_socket_is_replaced_and_a_file_is_not) {
    const aio::testing::temporary_folder folder;
    const std::string path = folder / "s";
    {
        auto dead = bind(unix_at(path));
        listen_all(dead);
        dead[0].sockets.clear();
        ::usleep(20000); // file systems keep time in ticks
        const auto next = bind(unix_at(path));
        // The dead one's owner sees that the file is not its own any more.
        dead.clear();
        BOOST_TEST(::access(path.c_str(), F_OK) == 0);
    }
    std::ofstream(path) << "precious";
    BOOST_TEST(code_of(unix_at(path)) == EEXIST);
    BOOST_TEST(::access(path.c_str(), F_OK) == 0);
}

namespace {

/// Folders as root has them when it serves for others: "bob" is of another user, "else" is root's.
struct of_others {
    of_others() {
        namespace fs = std::filesystem;
        is_root = ::geteuid() == 0;
        if (!is_root) {
            BOOST_TEST_MESSAGE("skipped: needs root");
            return;
        }
        fs::permissions(folder.path(), fs::perms(0755));
        fs::create_directories(folder / "bob/run");
        fs::create_directory(folder / "else");
        for (const char* name : {"bob", "bob/run"})
            BOOST_REQUIRE(::chown((folder / name).c_str(), other, other) == 0);
    }

    /// What the other user may do at any moment.
    void lead_elsewhere() const {
        std::filesystem::rename(folder / "bob/run", folder / "bob/moved");
        std::filesystem::create_symlink(folder / "else", folder / "bob/run");
        BOOST_REQUIRE(::lchown((folder / "bob/run").c_str(), other, other) == 0);
    }

    bool nothing_elsewhere() const { return std::filesystem::is_empty(folder / "else"); }

    static constexpr uid_t other = 1234;
    aio::testing::temporary_folder folder;
    bool is_root = false;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(root_binds_no_socket_behind_a_link_of_another_user, of_others) {
    if (!is_root)
        return;
    lead_elsewhere();
    try {
        bind(unix_at(folder / "bob/run/s"));
        BOOST_ERROR("bound");
    } catch (const std::runtime_error& e) {
        BOOST_TEST(
            e.what() == folder / "bob/run" + " is a link, and its folder is not root's alone (" +
                            (folder / "bob") + " belongs to user 1234): root does not follow it"
        );
    }
    BOOST_TEST(nothing_elsewhere());
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_is_led_elsewhere_meanwhile_changes_nothing, of_others) {
    if (!is_root)
        return;
    const socket_place place(folder / "bob/run/s");
    auto all = bind(unix_at(folder / "bob/run/other"));
    support::peer::connect(folder / "bob/run/other");
    BOOST_TEST(all[0].at.text() == folder / "bob/run/other");
    lead_elsewhere();
    const aio::net::socket one = open_socket(AF_UNIX, SOCK_STREAM);
    const address at = place.where();
    BOOST_TEST(::bind(one.get(), at.raw(), at.size()) == 0);
    BOOST_TEST(folder.has("bob/moved/s"));
    BOOST_TEST(nothing_elsewhere());
    folder.write("else/other", "precious");
    BOOST_TEST(!all[0].file->give_to(other, other));
    all.clear();
    BOOST_TEST(!folder.has("bob/moved/other"));
    BOOST_TEST(folder.read("else/other") == "precious");
}

// A folder that is the user's own, in one that is root's: the usual place. Others see the path.
BOOST_FIXTURE_TEST_CASE(a_socket_in_a_folder_given_to_its_user_is_known_by_its_path, of_others) {
    if (!is_root)
        return;
    for (const char* name : {"bob/s", "else/s"}) {
        const auto all = bind(unix_at(folder / name));
        BOOST_TEST(local_address(all[0].sockets[0].get()).text() == folder / name);
    }
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_not_there_is_the_systems_reason) {
    const aio::testing::temporary_folder folder;
    folder.write("file", "");
    BOOST_TEST(code_of(unix_at(folder / "none/s")) == ENOENT);
    BOOST_TEST(code_of(unix_at(folder / "file/s")) == ENOTDIR);
    BOOST_TEST(code_of(unix_at(folder / "")) == EEXIST);
    const std::string none = folder / "none", file = folder / "file";
    BOOST_TEST(
        refusal_of(unix_at(none + "/s")) ==
        none + "/s: folder '" + none + "': No such file or directory"
    );
    BOOST_TEST(
        refusal_of(unix_at(file + "/s")) == file + "/s: folder '" + file + "': Not a directory"
    );
    BOOST_TEST(refusal_of(unix_at("~/s")) == "~/s: folder '~': No such file or directory");
}

BOOST_AUTO_TEST_CASE(what_is_in_the_place_of_a_socket_is_named) {
    const aio::testing::temporary_folder folder;
    folder.write("file", "");
    std::filesystem::create_symlink("nowhere", folder / "dangling");
    std::filesystem::create_symlink("file", folder / "link");
    std::filesystem::create_directory(folder / "folder");
    BOOST_REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    const std::pair<const char*, const char*> all[] = {
        {"file", "a file"},
        {"dangling", "a link"},
        {"link", "a link"},
        {"folder", "a folder"},
        {"folder/", "a folder"},
        {"pipe", "a named pipe"},
    };
    for (const auto& [name, kind] : all) {
        const std::string path = folder / name;
        BOOST_TEST(refusal_of(unix_at(path)) == path + " is " + kind + ", not a socket");
    }
}

BOOST_AUTO_TEST_SUITE_END()
