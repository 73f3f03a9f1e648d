#include <aio/base/descriptor.hpp>
#include <aio/base/input_file.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/resource.h>
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
namespace fs = std::filesystem;

namespace {

struct folder : aio::testing::temporary_folder {
    std::string name(const char* file) const { return path() / file; }
};

/// The process can open no further file while this lives.
class no_descriptors {
  public:
    no_descriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit none = before_;
        none.rlim_cur = 0;
        ::setrlimit(RLIMIT_NOFILE, &none);
    }

    no_descriptors(const no_descriptors&) = delete;
    no_descriptors& operator=(const no_descriptors&) = delete;

    ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
};

constexpr pipe_patience short_one{20ms, 20ms, 100ms};

std::string error_of(const std::string& path) {
    input_file file{path, short_one};
    if (file.error().empty())
        file.read(1 << 20);
    return file.error();
}

bool is_root() {
    if (::geteuid() != 0)
        BOOST_TEST_MESSAGE("skipped: needs root");
    return ::geteuid() == 0;
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

BOOST_AUTO_TEST_CASE(root_reads_nothing_that_others_can_replace) {
    if (!is_root())
        return;
    write("his/a", "text");
    const std::string his = name("his");
    BOOST_REQUIRE(::chown(his.c_str(), 1234, 1234) == 0);
    const std::string reason = "root does not act on it, because " + his + " belongs to user 1234";
    BOOST_TEST(error_of(his + "/a") == reason);
    fs::create_symlink("his/a", name("link"));
    BOOST_TEST(error_of(name("link")) == reason);
    fs::create_symlink(his, name("way"));
    BOOST_TEST(error_of(name("way/../his/a")) == reason);
    BOOST_TEST(error_of(his + "/none") == "No such file or directory");
    write("mine", "text");
    fs::create_symlink(name("mine"), his + "/planted");
    BOOST_TEST(error_of(his + "/planted") == reason);
    BOOST_REQUIRE(::mkfifo(name("pipe").c_str(), 0600) == 0);
    BOOST_REQUIRE(::chown(name("pipe").c_str(), 1234, 1234) == 0);
    BOOST_TEST(error_of(name("pipe")) == "root does not act on a file that belongs to user 1234");
}

BOOST_AUTO_TEST_CASE(root_reads_no_link_of_others_in_a_folder_that_is_everybodys) {
    if (!is_root())
        return;
    write("mine", "text");
    write("tmp/file", "text");
    fs::permissions(name("tmp"), fs::perms::all | fs::perms::sticky_bit);
    fs::create_symlink("../mine", name("tmp/his"));
    fs::create_symlink("../mine", name("tmp/own"));
    BOOST_REQUIRE(::lchown(name("tmp/his").c_str(), 1234, 1234) == 0);
    BOOST_TEST(
        error_of(name("tmp/his")) ==
        "root does not act on it, because " + name("tmp/his") + " belongs to user 1234"
    );
    BOOST_TEST(error_of(name("tmp/own")) == "");
    BOOST_TEST(error_of(name("tmp/file")) == "");
}

BOOST_AUTO_TEST_CASE(a_folder_whose_links_are_swapped_is_read) {
    write("volume/..2026_11_29/app.conf", "text");
    fs::create_symlink("..2026_11_29", name("volume/..data"));
    fs::create_symlink("..data/app.conf", name("volume/app.conf"));
    BOOST_TEST(input_file{name("volume/app.conf")}.read(10).value() == "text");
}

BOOST_AUTO_TEST_CASE(what_the_process_has_open_was_given_to_it) {
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const descriptor reader{ends[0]};
    descriptor writer{ends[1]};
    BOOST_REQUIRE(::write(writer.get(), "text", 4) == 4);
    writer.reset();
    if (::geteuid() == 0) // "generate | sudo aio -c /dev/stdin": the pipe is the caller's
        BOOST_REQUIRE(::fchown(reader.get(), 1234, 1234) == 0);
    const std::string number = std::to_string(reader.get());
    fs::create_symlink("/proc/self/fd/" + number, name("link"));
    BOOST_TEST(input_file{name("link")}.read(10).value() == "text");

    write("his/a", "file");
    const descriptor open_file{::open(name("his/a").c_str(), O_RDONLY | O_CLOEXEC)};
    if (::geteuid() == 0)
        BOOST_REQUIRE(::chown(name("his").c_str(), 1234, 1234) == 0);
    fs::remove(name("his/a"));
    const std::string file = std::to_string(open_file.get());
    const std::string self = std::to_string(::getpid());
    for (const std::string& way :
         {"/dev/fd/" + file,
          "/proc/self/fd/" + file,
          "/proc/" + self + "/fd/" + file,
          "/proc/self/task/" + self + "/fd/" + file})
        BOOST_TEST(input_file{way}.read(10).value() == "file");
}

BOOST_AUTO_TEST_CASE(links_of_the_system_lead_where_the_system_leads) {
    write("sub/a", "text");
    const descriptor sub{::open(name("sub").c_str(), O_PATH | O_CLOEXEC)};
    fs::rename(name("sub"), name("moved"));
    BOOST_TEST(input_file{"/proc/self/root" + name("moved/a")}.read(10).value() == "text");
    const std::string number = std::to_string(sub.get());
    BOOST_TEST(input_file{"/dev/fd/" + number + "/a"}.read(10).value() == "text");
    BOOST_TEST(input_file{"/proc/self/fd/" + number + "/../moved/a"}.read(10).value() == "text");
    BOOST_TEST(input_file{"/proc/mounts"}.error() == "");
    BOOST_TEST(error_of(name("moved/a/")) == "Not a directory");
    BOOST_TEST(error_of("") == "No such file or directory");
    fs::create_symlink("round", name("round"));
    BOOST_TEST(error_of(name("round")) == "Too many levels of symbolic links");
}

BOOST_AUTO_TEST_CASE(a_lack_of_descriptors_says_nothing_about_the_file) {
    write("a", "text");
    const auto kind_of = [&](const char* file) {
        const no_descriptors meanwhile;
        const input_file opened{name(file)};
        BOOST_TEST(
            opened.error() == "Too many open files (this process may have 0, see ulimit -n)"
        );
        return opened.failed();
    };
    BOOST_TEST((kind_of("a") == input_file::failure::exhausted));
    BOOST_TEST((kind_of("missing") == input_file::failure::exhausted));
    BOOST_TEST((input_file{name("missing")}.failed() == input_file::failure::unreadable));
}

BOOST_AUTO_TEST_SUITE_END()
