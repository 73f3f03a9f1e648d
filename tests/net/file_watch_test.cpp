#include <aio/net/file_watch.hpp>

#include <boost/test/unit_test.hpp>

using aio::net::file_stamp;
using aio::net::file_stamps;
using aio::net::file_watch;

namespace {

file_stamps version(long number) {
    file_stamp made;
    made.path = "a.pem";
    made.exists = number != 0;
    made.inode = static_cast<unsigned long>(number);
    return {made};
}

} // namespace

BOOST_AUTO_TEST_SUITE(file_watch_)

BOOST_AUTO_TEST_CASE(changed_files_are_read_once) {
    file_watch watch(version(1));
    BOOST_TEST(!watch.look(version(1)));
    BOOST_TEST(watch.look(version(2)));
    BOOST_TEST(watch.changed() == "a.pem");
    watch.loaded();
    BOOST_TEST(!watch.look(version(2)));
    BOOST_TEST(watch.look(version(1)));
}

BOOST_AUTO_TEST_CASE(files_of_no_use_are_read_again_and_told_once_for_each_change) {
    file_watch watch(version(1));
    BOOST_TEST(watch.look(version(0)));
    BOOST_TEST(watch.failed("gone"));
    BOOST_TEST(watch.look(version(0)));
    BOOST_TEST(!watch.failed("gone"));
    BOOST_TEST(watch.look(version(2)));
    BOOST_TEST(watch.failed("gone")); // another change
    BOOST_TEST(watch.look(version(2)));
    BOOST_TEST(watch.failed("no memory"));
    BOOST_TEST(watch.look(version(2)));
    watch.loaded();
    BOOST_TEST(watch.look(version(0)));
    BOOST_TEST(watch.failed("gone"));
    BOOST_TEST(!watch.look(version(2))); // as it is in use
}

BOOST_AUTO_TEST_SUITE_END()
