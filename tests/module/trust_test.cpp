#include "support.hpp"

#include <aio/module/trust.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

using namespace aio::module;

namespace {

std::string reason(uid_t user, ownership of) {
    return distrust(user, of).value_or("trusted");
}

} // namespace

BOOST_AUTO_TEST_SUITE(module_trust)

BOOST_AUTO_TEST_CASE(root_takes_only_what_root_alone_can_change) {
    BOOST_TEST(reason(0, {0, 0, 0755}) == "trusted");
    BOOST_TEST(reason(0, {0, 0, 0775}) == "trusted");
    BOOST_TEST(reason(0, {0, 100, 0755}) == "trusted");
    BOOST_TEST(reason(0, {1000, 0, 0755}) == "belongs to user 1000");
    BOOST_TEST(reason(0, {0, 100, 0775}) == "may be written by group 100");
    BOOST_TEST(reason(0, {0, 0, 0757}) == "may be written by everybody");
}

BOOST_AUTO_TEST_CASE(others_decide_for_themselves) {
    BOOST_TEST(reason(1000, {1001, 1001, 0777}) == "trusted");
}

BOOST_AUTO_TEST_CASE(the_folder_counts_too) {
    if (::geteuid() != 0)
        return;
    fixture::folder f;
    const auto file = f.write("a/x.so", "");
    BOOST_TEST(!distrust(file));
    fixture::fs::permissions(file.parent_path(), fixture::fs::perms::all);
    BOOST_TEST(
        distrust(file).value() == file.parent_path().string() + " may be written by everybody"
    );
    fixture::fs::permissions(
        file.parent_path(), fixture::fs::perms::all | fixture::fs::perms::sticky_bit
    );
    BOOST_TEST(!distrust(file));
}

BOOST_AUTO_TEST_SUITE_END()
