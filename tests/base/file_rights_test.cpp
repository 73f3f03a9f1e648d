#include "access_list.hpp"

#include <aio/base/descriptor.hpp>
#include <aio/base/file_rights.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <string>

using namespace aio::base;
using aio::testing::list_for_user_1234;
using aio::testing::set_access_list;

namespace {

struct fixture : aio::testing::temporary_folder {
    descriptor make(const std::string& name) const {
        return descriptor(::open((*this / name).c_str(), O_RDWR | O_CREAT | O_EXCL, 0600));
    }

    /// Says why when it cannot.
    bool has_lists() const {
        write("probe", "");
        if (set_access_list(*this / "probe", list_for_user_1234(), false))
            return true;
        BOOST_TEST_MESSAGE("skipped: the file system has no access lists");
        return false;
    }
};

/// What `work` returns when user 1234 calls it.
int as_user_1234(const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        const gid_t none = 1234;
        const bool changed =
            ::setgroups(1, &none) == 0 && ::setgid(1234) == 0 && ::setuid(1234) == 0;
        ::_exit(changed ? work() : 99);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(file_rights_, fixture)

BOOST_AUTO_TEST_CASE(the_access_list_goes_along_and_its_mask_does_not_become_a_right_of_the_group) {
    if (!has_lists())
        return;
    const descriptor old = make("old"), fresh = make("fresh");
    BOOST_REQUIRE(set_access_list(*this / "old", list_for_user_1234(), false));
    const file_rights given = rights_of(old.get());
    BOOST_TEST(given.mode == 0660u); // the mask
    BOOST_TEST(give_rights(fresh.get(), given) == 0);
    const file_rights now = rights_of(fresh.get());
    BOOST_TEST(now.access_list == list_for_user_1234());
    BOOST_TEST(now.mode == 0660u);
}

BOOST_AUTO_TEST_CASE(a_list_that_the_folder_gives_is_removed_when_the_old_file_has_none) {
    if (!has_lists())
        return;
    const descriptor old = make("old");
    BOOST_REQUIRE(::fchmod(old.get(), 0640) == 0);
    BOOST_REQUIRE(set_access_list(path(), list_for_user_1234(), true));
    const descriptor fresh = make("fresh");
    BOOST_TEST(!rights_of(fresh.get()).access_list.empty());
    BOOST_TEST(give_rights(fresh.get(), rights_of(old.get())) == 0);
    const file_rights now = rights_of(fresh.get());
    BOOST_TEST(now.access_list.empty());
    BOOST_TEST(now.mode == 0640u);
}

BOOST_AUTO_TEST_CASE(a_group_that_cannot_be_given_leaves_no_rights_to_another_group) {
    if (::getuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }

    struct example {
        mode_t old, fresh;
    };

    for (const example each : std::array<example, 5>{
             {{0660, 0600}, {0640, 0600}, {0664, 0644}, {0644, 0644}, {0604, 0600}}
         }) {
        const descriptor fresh = make("fresh");
        BOOST_REQUIRE(::fchown(fresh.get(), 1234, 1234) == 0);
        const file_rights old{0, 4, each.old, {}};
        BOOST_TEST(as_user_1234([&] { return give_rights(fresh.get(), old); }) == EPERM);
        const file_rights now = rights_of(fresh.get());
        BOOST_TEST(now.mode == each.fresh, std::oct << each.old << ": " << now.mode);
        BOOST_TEST(now.group == 1234u);
        ::unlink((*this / "fresh").c_str());
    }
}

BOOST_AUTO_TEST_CASE(the_users_of_a_list_keep_their_rights_when_the_group_cannot_be_given) {
    if (::getuid() != 0 || !has_lists()) {
        BOOST_TEST_MESSAGE("skipped: needs root and access lists");
        return;
    }
    const descriptor fresh = make("fresh");
    BOOST_REQUIRE(::fchown(fresh.get(), 1234, 1234) == 0);
    const file_rights old{0, 4, 0664, list_for_user_1234(6, 4)};
    BOOST_TEST(as_user_1234([&] { return give_rights(fresh.get(), old); }) == EPERM);
    const file_rights now = rights_of(fresh.get());
    BOOST_TEST(now.access_list == list_for_user_1234(4, 4));
    BOOST_TEST(now.mode == 0664u); // the mask
}

BOOST_AUTO_TEST_CASE(a_list_that_cannot_be_given_closes_the_file_to_all_but_its_owner) {
    const descriptor fresh = make("fresh");
    const file_rights old{::getuid(), ::getgid(), 0664, "no list"};
    BOOST_TEST(give_rights(fresh.get(), old) != 0);
    BOOST_TEST(rights_of(fresh.get()).mode == 0600u);
}

BOOST_AUTO_TEST_CASE(everybody_reads_a_file_only_through_folders_that_let_everybody_pass) {
    namespace fs = std::filesystem;
    fs::permissions(path(), fs::perms{0755});
    const std::string file = write("folder/file", "");
    fs::create_symlink(file, path() / "link");

    struct row {
        mode_t folder, file;
        bool expected;
    };

    for (const row each : std::array<row, 5>{
             {{0755, 0644, true},
              {0711, 0604, true},
              {0755, 0640, false},
              {0750, 0644, false},
              {0754, 0644, false}}
         }) {
        fs::permissions(path() / "folder", fs::perms{each.folder});
        fs::permissions(file, fs::perms{each.file});
        BOOST_TEST(everybody_may_read(file) == each.expected);
        BOOST_TEST(everybody_may_read(path() / "link") == each.expected);
    }
    BOOST_TEST(!everybody_may_read(path())); // no file
    BOOST_TEST(!everybody_may_read(path() / "nowhere"));
}

BOOST_AUTO_TEST_SUITE_END()
