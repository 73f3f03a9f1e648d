#include <aio/app/pid_file.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using aio::app::already_running;
using aio::app::pid_file;

namespace {

struct folder {
    std::filesystem::path path;

    folder() {
        std::string name = (std::filesystem::temp_directory_path() / "aio-pid-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }

    ~folder() { std::filesystem::remove_all(path); }
};

std::string content(const std::filesystem::path& of) {
    std::ifstream in(of);
    std::string text;
    std::getline(in, text);
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_pid_file)

BOOST_FIXTURE_TEST_CASE(holds_the_process_id_and_is_removed, folder) {
    const auto file = path / "aio.pid";
    {
        pid_file mine(file.string());
        mine.take();
        BOOST_TEST(content(file) == std::to_string(::getpid()));
    }
    BOOST_TEST(!std::filesystem::exists(file));
}

BOOST_FIXTURE_TEST_CASE(a_second_holder_is_refused_and_told_who_holds_it, folder) {
    pid_file first((path / "aio.pid").string());
    first.take();
    BOOST_CHECK_EXCEPTION(
        pid_file((path / "aio.pid").string()),
        already_running,
        [](const auto& e) { return e.pid == ::getpid(); }
    );
}

BOOST_FIXTURE_TEST_CASE(a_stale_file_is_taken_over, folder) {
    const auto file = path / "aio.pid";
    std::ofstream(file) << "999999 and more text than a number\n";
    pid_file mine(file.string());
    mine.take();
    BOOST_TEST(content(file) == std::to_string(::getpid()));
}

BOOST_FIXTURE_TEST_CASE(who_never_took_it_does_not_remove_it, folder) {
    const auto file = path / "aio.pid";
    {
        pid_file untaken(file.string());
    }
    BOOST_TEST(std::filesystem::exists(file));
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_is_not_there_is_an_error_with_its_path, folder) {
    const std::string file = (path / "no" / "aio.pid").string();
    BOOST_CHECK_EXCEPTION(pid_file{file}, std::system_error, [&](const auto& e) {
        return std::string(e.what()).find(file) != std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()
