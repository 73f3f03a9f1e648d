#include <aio/app/daemon.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <barrier>
#include <cstdlib>
#include <functional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

using aio::app::daemon_output;
using aio::app::reopen_output;
using aio::app::starting_line;
using aio::base::descriptor;

namespace {

/// Standard input, output and error are as before at the end.
class standard_streams {
  public:
    standard_streams() {
        for (int number = 0; number < 3; ++number)
            kept_[std::size_t(number)].reset(::fcntl(number, F_DUPFD_CLOEXEC, 10));
    }

    standard_streams(const standard_streams&) = delete;
    standard_streams& operator=(const standard_streams&) = delete;

    ~standard_streams() {
        for (int number = 0; number < 3; ++number)
            if (const int kept = kept_[std::size_t(number)].get(); kept >= 0)
                ::dup2(kept, number);
            else
                ::close(number);
    }

  private:
    std::array<descriptor, 3> kept_;
};

bool same(int descriptor, int other) {
    struct stat first{}, second{};
    return ::fstat(descriptor, &first) == 0 && ::fstat(other, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino &&
           first.st_rdev == second.st_rdev;
}

/// Calls `work` while `number` descriptors can still be opened.
void with_free_descriptors(rlim_t number, const std::function<void()>& work) {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int next = ::dup(STDERR_FILENO);
    ::close(next);
    const rlimit few{static_cast<rlim_t>(next) + number, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    work();
    ::setrlimit(RLIMIT_NOFILE, &before);
}

} // namespace

BOOST_AUTO_TEST_SUITE(app_daemon)

BOOST_AUTO_TEST_CASE(two_threads_that_tell_at_once_say_one_status_and_close_one_descriptor) {
    constexpr int rounds = 500;
    int fds[2] = {};
    starting_line line;
    std::barrier both(2);
    const auto tell = [&](int status) {
        for (int i = 0; i < rounds; ++i) {
            both.arrive_and_wait(); // the line is there
            line.tell(status);
            both.arrive_and_wait(); // and is told
        }
    };
    int said_once = 0;
    std::thread other(tell, 2);
    for (int i = 0; i < rounds; ++i) {
        BOOST_REQUIRE(::pipe2(fds, O_CLOEXEC) == 0);
        const descriptor in(fds[0]);
        line = starting_line(descriptor(fds[1]));
        both.arrive_and_wait();
        line.tell(1);
        both.arrive_and_wait();
        int status[2] = {};
        said_once += ::read(in.get(), status, sizeof status) == sizeof status[0];
        BOOST_REQUIRE(::fcntl(fds[1], F_GETFD) < 0);
    }
    other.join();
    BOOST_TEST(said_once == rounds);
}

BOOST_AUTO_TEST_CASE(a_line_that_was_moved_is_told_by_its_new_owner_only) {
    int fds[2] = {};
    BOOST_REQUIRE(::pipe2(fds, O_CLOEXEC) == 0);
    const descriptor in(fds[0]);
    starting_line first{descriptor(fds[1])};
    starting_line second(std::move(first));
    first.tell(1); // NOLINT(bugprone-use-after-move): that is what is tested
    second.tell(2);
    second.tell(3);
    int status = 0;
    BOOST_TEST(::read(in.get(), &status, sizeof status) == ssize_t(sizeof status));
    BOOST_TEST(status == 2);
    BOOST_TEST(::read(in.get(), &status, sizeof status) == 0);
}

BOOST_AUTO_TEST_CASE(output_that_leads_nowhere_goes_to_any_log_that_can_be_opened) {
    const descriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    const descriptor terminal(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    BOOST_REQUIRE((::grantpt(terminal.get()) == 0 && ::unlockpt(terminal.get()) == 0));
    const std::string device = ::ptsname(terminal.get());
    const descriptor user(::open(device.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    const standard_streams streams;
    ::dup2(nowhere.get(), STDOUT_FILENO);
    ::dup2(nowhere.get(), STDERR_FILENO);
    const std::string said = reopen_output(device, "");
    const bool found = same(STDOUT_FILENO, user.get()) && same(STDERR_FILENO, user.get());
    ::dup2(nowhere.get(), STDOUT_FILENO);
    const std::string refused = reopen_output("/", "");
    const bool kept = same(STDOUT_FILENO, nowhere.get());
    BOOST_TEST(said == "");
    BOOST_TEST(found);
    BOOST_TEST(refused == "cannot open '/': Is a directory");
    BOOST_TEST(kept);
}

BOOST_AUTO_TEST_CASE(a_log_that_is_standard_output_needs_no_free_descriptor) {
    const aio::testing::temporary_folder folder;
    const std::string link = folder / "link";
    BOOST_REQUIRE(::symlink("/dev/stdout", link.c_str()) == 0);
    const descriptor file(
        ::open((folder / "out").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)
    );
    int made = 0;
    for (const std::string& path : {std::string("/dev/stdout"), link})
        for (rlim_t number = path == link ? 4 : 2; number < 12; ++number) {
            const standard_streams streams;
            ::dup2(file.get(), STDOUT_FILENO);
            bool kept = true, found = true;
            with_free_descriptors(number, [&] {
                try {
                    daemon_output output(path, "");
                    kept = output.kept() && !output.to_be_found();
                    output.take_over();
                    found = same(STDOUT_FILENO, file.get()) && same(STDERR_FILENO, file.get());
                    ++made;
                } catch (const std::system_error&) { // none was left for /dev/null
                }
            });
            BOOST_TEST(kept, path << ": " << number);
            BOOST_TEST(found, path << ": " << number);
        }
    BOOST_TEST(made > 10);
}

BOOST_AUTO_TEST_SUITE_END()
