#include <aio/base/descriptor.hpp>
#include <aio/base/input_file.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

using namespace aio::base;
using namespace std::chrono_literals;

namespace {

struct folder : aio::testing::temporary_folder {
    std::string name(const char* file) const { return path() / file; }
};

constexpr pipe_patience short_one{20ms, 20ms, 100ms};

std::string error_of(const std::string& path) {
    input_file file{path, short_one};
    if (file.error().empty())
        file.read(1 << 20);
    return file.error();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(input_file_, folder)

BOOST_AUTO_TEST_CASE(a_regular_file_is_read_up_to_a_limit) {
    write("a", "text");
    input_file file{name("a")};
    BOOST_TEST(file.read(4).value() == "text");
    input_file again{name("a")};
    BOOST_TEST(!again.read(3));
    BOOST_TEST(again.error() == "it is larger than 0 MiB");
    input_file null{"/dev/null"};
    BOOST_TEST(null.read(1).value() == "");
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_refused_without_being_opened) {
    BOOST_TEST(error_of(name("none")) == "No such file or directory");
    BOOST_TEST(error_of(path()) == "Is a directory");
    BOOST_TEST(error_of("/dev/zero") == "it is neither a regular file nor a pipe");
    BOOST_TEST(error_of(std::string("a\0b", 3)) == "the name holds a NUL");
    const descriptor bound{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    std::strncpy(where.sun_path, name("s").c_str(), sizeof where.sun_path - 1);
    BOOST_REQUIRE(
        ::bind(bound.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0
    );
    BOOST_TEST(error_of(name("s")) == "it is a socket");
}

BOOST_AUTO_TEST_CASE(a_pipe_that_nobody_writes_to_ends_by_itself) {
    BOOST_REQUIRE(::mkfifo(name("p").c_str(), 0600) == 0);
    BOOST_TEST(error_of(name("p")) == "it is a pipe that nobody writes to");
}

BOOST_AUTO_TEST_CASE(a_pipe_whose_writer_keeps_silent_ends_by_itself) {
    BOOST_REQUIRE(::mkfifo(name("p").c_str(), 0600) == 0);
    const descriptor writer{::open(name("p").c_str(), O_RDWR | O_CLOEXEC)};
    BOOST_TEST(error_of(name("p")) == "it is a pipe whose writer keeps silent");
}

BOOST_AUTO_TEST_CASE(what_comes_through_a_pipe_is_read_to_its_end) {
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    descriptor reader{ends[0]}, writer{ends[1]};
    BOOST_REQUIRE(::write(writer.get(), "text", 4) == 4);
    writer.reset();
    input_file file{"/dev/fd/" + std::to_string(reader.get())};
    BOOST_TEST(file.is_pipe());
    BOOST_TEST(file.read(100).value() == "text");
}

BOOST_AUTO_TEST_CASE(a_pipe_that_has_ended_empty_is_an_empty_file) {
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    descriptor reader{ends[0]}, writer{ends[1]};
    writer.reset();
    input_file file{"/dev/fd/" + std::to_string(reader.get())};
    BOOST_TEST(file.read(100).value() == "");
}

BOOST_AUTO_TEST_CASE(a_writer_may_come_after_the_reader) {
    BOOST_REQUIRE(::mkfifo(name("p").c_str(), 0600) == 0);
    input_file file{name("p")};
    std::thread late([this] {
        const descriptor writer{::open(name("p").c_str(), O_WRONLY | O_CLOEXEC)};
        std::ignore = ::write(writer.get(), "late", 4);
    });
    const auto text = file.read(100);
    late.join();
    BOOST_TEST(text.value() == "late");
}

BOOST_AUTO_TEST_CASE(root_trusts_only_what_root_alone_can_change) {
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("skipped: needs root");
        return;
    }
    write("a", "");
    std::filesystem::permissions(name("a"), std::filesystem::perms::all);
    const input_file file{name("a")};
    BOOST_TEST((file.failed() == input_file::failure::distrusted));
    BOOST_TEST(file.error() == "root does not act on a file that may be written by everybody");
}

BOOST_AUTO_TEST_SUITE_END()
