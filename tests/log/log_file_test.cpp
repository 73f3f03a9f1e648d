#include "../base/access_list.hpp"

#include <aio/base/file_rights.hpp>
#include <aio/log/file_status.hpp>
#include <aio/log/log_file.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

using namespace aio::log;
namespace fs = std::filesystem;

namespace {

/// No descriptor can be opened.
class no_descriptors {
  public:
    no_descriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const int free = ::dup(STDERR_FILENO);
        ::close(free);
        const rlimit none{static_cast<rlim_t>(free), before_.rlim_max}; // 0 would stop poll(), too
        ::setrlimit(RLIMIT_NOFILE, &none);
    }

    no_descriptors(const no_descriptors&) = delete;
    no_descriptors& operator=(const no_descriptors&) = delete;

    ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
};

struct fixture : aio::testing::temporary_folder {
    output_services services;
    aio::testing::temporary_folder apart;

    /// What standard error gets during `work`.
    std::string said_during(const std::function<void()>& work) {
        const int kept = ::dup(STDERR_FILENO);
        const int file = ::open((apart / "said").c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
        ::dup2(file, STDERR_FILENO);
        work();
        ::dup2(kept, STDERR_FILENO);
        std::string said(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)), '\0');
        BOOST_TEST(::pread(file, said.data(), said.size(), 0) == ssize_t(said.size()));
        ::close(kept);
        ::close(file);
        return said;
    }

    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(path()))
            found.push_back(entry.path().filename());
        std::ranges::sort(found);
        return found;
    }
};

using name_list = std::vector<std::string>;
constexpr auto now = std::chrono::system_clock::time_point(std::chrono::seconds(1'000'000));

/// No part is ever superfluous.
turn_work moving(const std::function<void(const part_folder& folder, const std::string& name)>& move
) {
    return {
        move,
        [](const part_folder&, const std::string&) { return false; },
        [](const part_folder&, const std::string&) { return std::vector<std::string>(); },
        [](const part_folder&, const std::string&) {},
    };
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(log_file_, fixture)

BOOST_AUTO_TEST_CASE(every_outcome_of_a_turn_leaves_one_file_for_the_next_line) {
    const auto to_part = [&] { fs::rename(path() / "x", path() / "x.1"); };

    struct outcome {
        const char* title;
        std::function<void()> move;
        turning how;
        const char* next_line; ///< the file that gets it; null: standard error
        name_list found;
    };

    const std::vector<outcome> outcomes{
        {"turned", to_part, turning::done, "x", {"x", "x.1"}},
        {"cannot be moved",
         [] { throw std::runtime_error("cannot move"); },
         turning::failed,
         "x",
         {"x"}},
        {"copied and emptied", [] {}, turning::done, "x", {"x"}},
        {"another has taken the name",
         [&] {
             to_part();
             write("x", "");
         },
         turning::done,
         "x",
         {"x", "x.1"}},
        {"the name leads to nothing that can be opened",
         [&] {
             to_part();
             fs::create_directory(path() / "x");
         },
         turning::failed,
         "x.1",
         {"x", "x.1"}},
        {"the same, and the old file is removed",
         [&] {
             fs::remove(path() / "x");
             fs::create_directory(path() / "x");
         },
         turning::failed,
         nullptr,
         {"x"}},
    };
    for (const outcome& each : outcomes)
        BOOST_TEST_CONTEXT(each.title) {
            write("x", "old\n");
            log_file log(*this / "x", "", beginning::keep, services);
            const std::string said = said_during([&] {
                const auto move = [&](const part_folder&, const std::string&) { each.move(); };
                BOOST_TEST((log.turn(moving(move)).how == each.how));
                log.append("next", now);
                log.flush();
            });
            BOOST_TEST(names() == each.found, boost::test_tools::per_element());
            if (each.next_line)
                BOOST_TEST(read(each.next_line).ends_with("next\n"));
            else
                BOOST_TEST(said.ends_with("\nnext\n"), said);
            for (const auto& entry : fs::directory_iterator(path()))
                fs::remove_all(entry);
        }
}

BOOST_AUTO_TEST_CASE(report_s_6_a_start_without_descriptors_is_a_warning_and_tried_again) {
    write("old", "before\n");
    for (const beginning how : {beginning::keep, beginning::empty}) {
        std::optional<log_file> log;
        const std::string said = said_during([&] {
            const no_descriptors none;
            log.emplace("old", path(), how, services);
            log->append("not yet", now);
        });
        BOOST_TEST(
            said.starts_with("aio: warning: the log cannot open 'old': Too many open"), said
        );
        BOOST_TEST(
            said.ends_with("its records go to standard error until it can\nnot yet\n"), said
        );
        BOOST_TEST(!log->reached());
        said_during([&] {
            log->append("then", now + std::chrono::seconds(1));
            log->append("later", now + std::chrono::seconds(2));
        });
        BOOST_TEST(log->reached());
        log.reset();
        const std::string left = how == beginning::keep ? "before\n" : "";
        BOOST_TEST(read("old") == left + "then\nlater\n");
    }
}

BOOST_AUTO_TEST_CASE(a_start_without_descriptors_makes_a_file_of_the_usual_rights) {
    std::optional<log_file> log, usual;
    said_during([&] {
        const no_descriptors none;
        log.emplace("new", path(), beginning::keep, services);
    });
    said_during([&] { log->append("then", now); });
    usual.emplace("usual", path(), beginning::keep, services);
    const auto rights = [&](const char* name) {
        return static_cast<unsigned>(fs::status(*this / name).permissions());
    };
    BOOST_TEST(rights("new") == rights("usual"));
}

BOOST_AUTO_TEST_CASE(a_turn_that_cannot_make_the_new_file_moves_nothing) {
    write("x", "old\n");
    log_file log(*this / "x", "", beginning::keep, services);
    const no_descriptors none;
    bool moved = false;
    const auto result =
        log.turn(moving([&](const part_folder&, const std::string&) { moved = true; }));
    BOOST_TEST((result.how == turning::failed));
    BOOST_TEST(result.reason.starts_with("cannot make its new file: Too many open files"));
    BOOST_TEST(!moved);
    BOOST_TEST(log.reached());
}

BOOST_AUTO_TEST_CASE(superfluous_parts_are_removed_only_once_the_file_is_moved) {
    for (const bool movable : {true, false}) {
        write("x", "old\n");
        write("x.2", "");
        write("x.3/in/the/way", "");
        log_file log(*this / "x", "", beginning::keep, services);
        turn_work work = moving([&](const part_folder& folder, const std::string& name) {
            BOOST_TEST(has("x.2"));
            if (!movable)
                throw std::runtime_error("cannot move");
            folder.finish(name, name + ".1");
        });
        work.surplus = [&](const part_folder&, const std::string&) {
            return name_list{"x.2", "x.3"};
        };
        turn_result result;
        const std::string said = said_during([&] { result = log.turn(work); });
        BOOST_TEST((result.how == (movable ? turning::done : turning::failed)));
        BOOST_TEST(has("x.2") == !movable);
        BOOST_TEST(said.starts_with("aio: log: cannot remove '") == movable, said);
        BOOST_TEST(has("x"));
        for (const auto& entry : fs::directory_iterator(path()))
            fs::remove_all(entry);
    }
}

BOOST_AUTO_TEST_CASE(a_nameless_file_that_is_left_is_not_kept_locked_by_standard_output) {
    write("x", "old\n");
    log_file log(*this / "x", "", beginning::keep, services);
    services.leads_standard_output = true;
    const aio::base::descriptor kept(::dup(STDOUT_FILENO));
    ::dup2(aio::base::descriptor(::open((*this / "x").c_str(), O_WRONLY)).get(), STDOUT_FILENO);
    const auto turn = [&](const std::function<void()>& move) {
        return log.turn(moving([&](const part_folder&, const std::string&) { move(); }));
    };
    const turn_result first = turn([&] { fs::rename(path() / "x", path() / "x.1"); });
    const aio::base::descriptor other(::open((*this / "x").c_str(), O_WRONLY));
    turn_result second;
    said_during([&] {
        second = turn([&] {
            fs::remove(path() / "x");
            fs::create_directory(path() / "x");
        });
    });
    struct flock whole{};
    whole.l_type = F_WRLCK;
    const bool free = ::fcntl(other.get(), F_OFD_SETLK, &whole) == 0;
    ::dup2(kept.get(), STDOUT_FILENO);
    BOOST_TEST((first.how == turning::done));
    BOOST_TEST((second.how == turning::failed));
    BOOST_TEST(!log.reached());
    BOOST_TEST(free);
}

BOOST_AUTO_TEST_CASE(a_file_that_was_replaced_while_it_was_opened_is_followed) {
    write("x", "old\n");
    log_file log(*this / "x", "", beginning::keep, services);
    fs::rename(path() / "x", path() / "x.1"); // as another thread may, before its count is read
    write("x", "");
    log.follow();
    log.append("next", now);
    log.flush();
    BOOST_TEST(read("x") == "next\n");
    BOOST_TEST(read("x.1") == "old\n");
}

BOOST_AUTO_TEST_CASE(a_file_in_a_folder_of_another_user_is_kept) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    write("private/x", "");
    BOOST_REQUIRE(::chmod((*this / "private").c_str(), 0700) == 0);
    log_file log(*this / "private/x", "", beginning::keep, services);
    const std::string said = said_during([&] {
        if (::seteuid(65534) == 0) {
            log.follow();
            log.append("first", now);
            log.flush();
        }
        std::ignore = ::seteuid(0);
    });
    BOOST_TEST(said == "");
    BOOST_TEST(read("private/x") == "first\n");
}

BOOST_AUTO_TEST_CASE(standard_output_that_cannot_be_followed_is_tried_again) {
    for (const bool removed : {false, true}) {
        log_file turned(*this / "x", "", beginning::keep, services);
        services.leads_standard_output = true;
        const aio::base::descriptor kept(::dup(STDOUT_FILENO));
        ::dup2(
            aio::base::descriptor(::open((*this / "x").c_str(), O_WRONLY | O_APPEND)).get(),
            STDOUT_FILENO
        );
        log_file output("/dev/stdout", "", beginning::keep, services);
        const auto add = [&](const char* line, int seconds) {
            output.follow();
            output.append(line, now + std::chrono::seconds(seconds));
        };
        add("first", 0);
        turned.turn(moving([&](const part_folder&, const std::string&) {
            if (removed)
                fs::remove(path() / "x");
            else
                fs::rename(path() / "x", path() / "x.1");
        }));
        const std::string said = said_during([&] {
            {
                const no_descriptors none;
                add("second", 0);
                add("third", 0);
            }
            add("fourth", 1);
        });
        ::dup2(kept.get(), STDOUT_FILENO);
        services.leads_standard_output = false;
        BOOST_TEST(said.find("cannot open '/dev/stdout': Too many open files") != said.npos, said);
        BOOST_TEST(said.ends_with("\naio: the log reaches '/dev/stdout' again\n"), said);
        BOOST_TEST(std::ranges::count(said, '\n') == 2, said);
        if (removed) { // which gives its descriptor back
            BOOST_TEST(read("x") == "second\nthird\nfourth\n");
        } else {
            BOOST_TEST(said.find("; its records go to the file that was open before") != said.npos);
            BOOST_TEST(read("x.1") == "first\nsecond\nthird\n");
            BOOST_TEST(read("x") == "fourth\n");
        }
        fs::remove(path() / "x");
    }
}

BOOST_AUTO_TEST_CASE(a_new_file_has_the_access_list_of_the_old_one) {
    write("probe", "");
    const std::string list = aio::testing::list_for_user_1234();
    if (!aio::testing::set_access_list(*this / "probe", list, false)) {
        BOOST_TEST_MESSAGE("skipped: the file system has no access lists");
        return;
    }
    const auto rights = [&](const char* name) {
        const aio::base::descriptor file(::open((*this / name).c_str(), O_RDONLY));
        return aio::base::rights_of(file.get());
    };
    const auto turn = [&](log_file& log) {
        const auto move = [&](const part_folder& folder, const std::string& name) {
            folder.finish(name, name + ".1");
        };
        BOOST_TEST((log.turn(moving(move)).how == turning::done));
    };
    for (const bool listed : {true, false}) { // with a list; with one that only the folder gives
        const char* const name = listed ? "listed" : "plain";
        write(name, "old\n");
        BOOST_REQUIRE(::chmod((*this / name).c_str(), 0640) == 0);
        if (listed)
            BOOST_REQUIRE(aio::testing::set_access_list(*this / name, list, false));
        const auto before = rights(name);
        log_file log(*this / name, "", beginning::keep, services);
        if (!listed)
            BOOST_REQUIRE(aio::testing::set_access_list(path(), list, true));
        const auto check = [&] {
            BOOST_TEST(rights(name).access_list == before.access_list);
            BOOST_TEST(rights(name).mode == before.mode);
        };
        turn(log);
        check();
        fs::rename(path() / name, path() / "moved");
        BOOST_TEST(log.reopen() == "");
        check();
        fs::remove(path() / name); // the rights of a removed file are remembered
        fs::create_directory(path() / name);
        said_during([&] {
            BOOST_TEST(log.reopen() != "");
            fs::remove(path() / name);
            BOOST_TEST(log.reopen() == "");
        });
        check();
    }
}

BOOST_AUTO_TEST_SUITE_END()
