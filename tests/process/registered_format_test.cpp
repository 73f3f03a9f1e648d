#include <aio/process/registered_format.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace aio::process;

namespace {

const std::string by_magic = "enabled\ninterpreter /usr/bin/qemu-arm\nflags: OCF\noffset 1\n"
                             "magic 454c46010b\nmask ffffff00ff\n";
const std::string by_extension = "enabled\ninterpreter /usr/bin/jexec\nflags: \nextension .jar\n";

} // namespace

BOOST_AUTO_TEST_SUITE(registered_format)

BOOST_AUTO_TEST_CASE(a_format_takes_files_by_their_first_bytes) {
    BOOST_TEST(takes(
        by_magic,
        "x",
        std::string("\x7f"
                    "ELF\x01\x0b...")
    ));
    BOOST_TEST(takes(
        by_magic,
        "x",
        std::string("\x7f"
                    "ELF\x02\x0b")
    )); // masked
    BOOST_TEST(!takes(
        by_magic,
        "x",
        std::string("\x7f"
                    "ELF\x01\x0c")
    ));
    BOOST_TEST(!takes(
        by_magic,
        "x",
        std::string("\x7f"
                    "ELF\x01")
    )); // shorter
    BOOST_TEST(!takes(by_magic, "x", ""));
    BOOST_TEST(takes("enabled\noffset 0\nmagic cafe\n", "x", "\xca\xfe"));
    BOOST_TEST(!takes("enabled\noffset 0\nmagic \n", "x", "\xca\xfe"));
}

BOOST_AUTO_TEST_CASE(a_format_takes_files_by_their_extension) {
    BOOST_TEST(takes(by_extension, "/opt/a.b/c.jar", "PK"));
    BOOST_TEST(!takes(by_extension, "/opt/c.jar/x", "PK"));
    BOOST_TEST(!takes(by_extension, "jar", "PK"));
}

BOOST_AUTO_TEST_CASE(a_disabled_format_takes_nothing) {
    BOOST_TEST(!takes("disabled" + by_extension.substr(7), "c.jar", "PK"));
    BOOST_TEST(!takes("", "c.jar", "PK"));
    BOOST_TEST(!takes("enabled\n", "c.jar", "PK")); // the file `status`
}

BOOST_AUTO_TEST_CASE(every_entry_of_the_folder_is_asked) {
    const aio::testing::temporary_folder folder;
    BOOST_TEST(!is_registered("c.jar", "PK", folder / "none"));
    folder.write("status", "enabled\n");
    BOOST_TEST(!is_registered("c.jar", "PK", folder.path().string()));
    folder.write("arm", by_magic);
    folder.write("jar", by_extension);
    BOOST_TEST(is_registered("c.jar", "PK", folder.path().string()));
}

BOOST_AUTO_TEST_SUITE_END()
