#include <aio/app/pid_file.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <string>

using aio::app::already_running;
using aio::app::pid_file;

namespace {

using folder = aio::testing::temporary_folder;

std::string id() {
    return std::to_string(::getpid()) + '\n';
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_pid_file)

BOOST_FIXTURE_TEST_CASE(holds_the_process_id_and_is_removed, folder) {
    const std::string file = *this / "aio.pid";
    {
        pid_file mine(file);
        mine.take();
        BOOST_TEST(read("aio.pid") == id());
    }
    BOOST_TEST(!has("aio.pid"));
}

BOOST_FIXTURE_TEST_CASE(a_second_holder_is_refused_and_told_who_holds_it, folder) {
    pid_file first(*this / "aio.pid");
    first.take();
    BOOST_CHECK_EXCEPTION(pid_file(*this / "aio.pid"), already_running, [](const auto& e) {
        return e.pid == ::getpid();
    });
}

BOOST_FIXTURE_TEST_CASE(a_stale_file_is_taken_over, folder) {
    const std::string file = *this / "aio.pid";
    write("aio.pid", "999999 and more text than a number\n");
    pid_file mine(file);
    mine.take();
    BOOST_TEST(read("aio.pid") == id());
}

BOOST_FIXTURE_TEST_CASE(who_never_took_it_does_not_remove_it, folder) {
    const std::string file = *this / "aio.pid";
    {
        pid_file untaken(file);
    }
    BOOST_TEST(has("aio.pid"));
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_is_not_there_is_an_error_with_its_path, folder) {
    const std::string file = *this / "no/aio.pid";
    BOOST_CHECK_EXCEPTION(pid_file{file}, std::system_error, [&](const auto& e) {
        return std::string(e.what()).find(file) != std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()
