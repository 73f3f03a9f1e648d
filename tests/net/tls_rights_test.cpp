#include <aio/net/tls_rights.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

using namespace aio::net;

namespace {

using texts = std::vector<std::string>;

struct fixture : aio::testing::temporary_folder {
    fixture() { ::chmod(path().c_str(), 0755); }

    std::string file(const char* name, mode_t mode, uid_t owner = ::getuid()) const {
        const std::string made = write(name, "");
        ::chmod(made.c_str(), mode);
        (void)::chown(made.c_str(), owner, static_cast<gid_t>(-1));
        return made;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_rights_, fixture)

BOOST_AUTO_TEST_CASE(a_key_is_in_its_own_file_or_in_that_of_the_certificate) {
    tls_options options;
    BOOST_TEST(files_with_keys(options).empty());
    options.certificate = "a.pem";
    options.others = {{"b.pem", "b.key"}, {"c.pem", "b.key"}};
    BOOST_TEST(
        files_with_keys(options) == (texts{"a.pem", "b.key"}), boost::test_tools::per_element()
    );
}

BOOST_AUTO_TEST_CASE(a_key_that_everybody_may_read_is_a_line) {
    tls_options options;
    options.certificate = file("open.pem", 0644);
    options.key = file("closed.key", 0640);
    BOOST_TEST(exposed_keys(options).empty());
    options.key.clear();
    const texts expected{options.certificate + " holds a key that everybody may read: chmod 600"};
    BOOST_TEST(exposed_keys(options) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(root_acts_on_no_file_that_others_may_write) {
    BOOST_TEST(distrusted(file("own", 0600)) == "");
    BOOST_TEST(distrusted(path() / "nowhere") == "");
    if (::geteuid() != 0) {
        BOOST_TEST(distrusted(file("open", 0666)) == "");
        BOOST_TEST_MESSAGE("the rest is skipped: needs root");
        return;
    }
    const std::string open = file("open", 0666), stranger = file("stranger", 0600, 1234);
    BOOST_TEST(
        distrusted(open) ==
        "root does not act on it, because " + open + " may be written by everybody"
    );
    BOOST_TEST(
        distrusted(stranger) ==
        "root does not act on it, because " + stranger + " belongs to user 1234"
    );
    const std::string pipe = *this / "pipe";
    BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0666) == 0);
    ::chmod(pipe.c_str(), 0666);
    BOOST_TEST(distrusted(pipe) == ""); // as `<(generate)` is one
}

BOOST_AUTO_TEST_SUITE_END()
