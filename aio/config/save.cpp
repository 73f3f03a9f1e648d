#include <aio/base/descriptor.hpp>
#include <aio/base/new_file.hpp>
#include <aio/base/path_reason.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/way.hpp>
#include <aio/config/edit.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <random>
#include <stdexcept>
#include <thread>
#include <tuple>

namespace aio::config {

namespace {

// Why no file can be written there. Empty: one can.
std::string why_not(const base::way& target) {
    if (target.distrust)
        return "root does not act on it, because " + *target.distrust;
    if ((target.error != 0 || !target.exists) && base::is_removed(target.folder))
        return "its folder has been removed";
    if (target.error != 0)
        return base::system_reason(target.error);
    if (target.exists && !S_ISREG(target.found.st_mode))
        return "it is no regular file";
    return target.own_descriptor || target.process_link ? "it is an open descriptor" : "";
}

base::descriptor open_folder(const base::way& of) {
    return base::descriptor{::openat(of.folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

// A file that is removed unless it took the place of another.
class temporary {
  public:
    explicit temporary(const base::way& target) : target_(target) {
        constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
        std::random_device random;
        for (int attempt = 0; attempt < most_attempts && !file_; ++attempt) {
            name_ = hidden_name(target.name, random());
            file_.reset(::openat(target.folder.get(), name_.c_str(), flags, 0600));
            if (!file_ && errno != EEXIST)
                return;
        }
    }

    temporary(const temporary&) = delete;
    temporary& operator=(const temporary&) = delete;

    ~temporary() {
        if (file_ && !name_.empty())
            ::unlinkat(target_.folder.get(), name_.c_str(), 0);
    }

    bool made() const noexcept { return bool{file_}; }

    int get() const noexcept { return file_.get(); }

    bool write(std::string_view text) const { return base::write_all(get(), text); }

    bool sync() const { return ::fsync(get()) == 0; }

    bool replace() {
        const int folder = target_.folder.get();
        if (::renameat(folder, name_.c_str(), folder, target_.name.c_str()) != 0)
            return false;
        name_.clear();
        return true;
    }

  private:
    static constexpr int most_attempts = 100;

    // Never too long for a file system that takes the name itself.
    static std::string hidden_name(const std::string& name, unsigned number) {
        constexpr std::size_t most = 200;
        return fmt::format(".{}.{:08x}", name.substr(0, most), number);
    }

    const base::way& target_;
    std::string name_;
    base::descriptor file_;
};

mode_t usual_mode() {
    const mode_t mask = ::umask(022);
    ::umask(mask);
    return 0666 & ~mask;
}

// A signal that ends the process waits, so that no temporary file is left.
class signals_wait {
  public:
    signals_wait() {
        sigset_t ending;
        ::sigemptyset(&ending);
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
            ::sigaddset(&ending, number);
        ::pthread_sigmask(SIG_BLOCK, &ending, &before_);
    }

    signals_wait(const signals_wait&) = delete;
    signals_wait& operator=(const signals_wait&) = delete;

    ~signals_wait() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_;
};

bool sync_folder(const base::way& of) {
    const base::descriptor opened = open_folder(of);
    return opened && (::fsync(opened.get()) == 0 || errno == EINVAL);
}

} // namespace

base::descriptor lock_for_change(const std::string& path, std::chrono::milliseconds limit) {
    constexpr std::chrono::milliseconds pause{20};
    const base::way target = base::follow(path);
    const auto end = std::chrono::steady_clock::now() + limit;
    base::descriptor folder = open_folder(target);
    while (folder && ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK) {
            folder.reset();
        } else if (std::chrono::steady_clock::now() >= end) {
            throw std::runtime_error(fmt::format(
                "cannot change '{}': another process keeps its folder '{}' locked (flock)",
                path,
                target.path.substr(0, target.path.rfind('/'))
            ));
        } else {
            std::this_thread::sleep_for(pause);
        }
    }
    return folder;
}

namespace {

// Access lists and labels go along where the file system and the rights of this process allow it.
void copy_attributes(int from, int end) {
    std::array<char, 65536> names;
    const ssize_t size = ::flistxattr(from, names.data(), names.size());
    for (ssize_t at = 0; at < size;) {
        const char* const name = names.data() + at;
        std::array<char, 65536> value;
        const ssize_t length = ::fgetxattr(from, name, value.data(), value.size());
        if (length >= 0)
            std::ignore = ::fsetxattr(end, name, value.data(), static_cast<std::size_t>(length), 0);
        at += static_cast<ssize_t>(std::strlen(name)) + 1;
    }
}

// The system's reason why a file could not be replaced, and whether writing into it may still work.
struct obstacle {
    int error = 0;
    bool in_place = false;

    explicit operator bool() const noexcept { return error != 0; }
};

// A folder that takes no new file, an owner that cannot be given: the file itself may be writable.
bool concerns_folder_only(int error) {
    return error == EACCES || error == EPERM || error == EROFS;
}

// A file that is a mount point, as in a container, can be neither renamed nor replaced.
bool concerns_name_only(int error) {
    return error == EBUSY || error == EXDEV || error == EACCES || error == EPERM;
}

obstacle replace(const base::way& target, std::string_view text, const struct stat* old) {
    temporary fresh{target};
    if (!fresh.made())
        return {errno, old && concerns_folder_only(errno)};
    if (!fresh.write(text))
        return {errno};
    if (old) {
        const base::descriptor before{target.open(O_RDONLY | O_NONBLOCK)};
        if (::fchown(fresh.get(), old->st_uid, old->st_gid) != 0)
            return {errno, true};
        if (before)
            copy_attributes(before.get(), fresh.get());
    }
    if (::fchmod(fresh.get(), old ? old->st_mode & 07777 : usual_mode()) != 0 || !fresh.sync())
        return {errno};
    if (!fresh.replace())
        return {errno, old && concerns_name_only(errno)};
    return sync_folder(target) ? obstacle{} : obstacle{errno};
}

// Writes over the old text, and writes the old text again when that fails.
int write_over(const base::way& target, std::string_view text) {
    const base::descriptor file{target.open(O_RDWR | O_NOCTTY | O_NONBLOCK)};
    struct stat found{};
    if (!file || ::fstat(file.get(), &found) != 0)
        return errno;
    std::string before(static_cast<std::size_t>(found.st_size), '\0');
    if (::pread(file.get(), before.data(), before.size(), 0) != static_cast<ssize_t>(before.size()))
        return errno ? errno : EIO;
    const auto put = [&](std::string_view content) {
        return ::lseek(file.get(), 0, SEEK_SET) == 0 && base::write_all(file.get(), content) &&
               ::ftruncate(file.get(), static_cast<off_t>(content.size())) == 0 &&
               ::fsync(file.get()) == 0;
    };
    if (put(text))
        return 0;
    const int error = errno;
    std::ignore = put(before);
    return error;
}

std::string because(int error) {
    switch (error) {
    case EMLINK:
        return "it has further names (hard links), and all of them show the change";
    case EBUSY:
        return "it is a mount point and cannot be replaced (" + base::system_reason(error) + ")";
    case EXDEV:
        return "its folder is on another file system, as that of a mounted file is (" +
               base::system_reason(error) + ")";
    default:
        return "a new file cannot take its place (" + base::system_reason(error) + ")";
    }
}

std::string why_in_place(const std::string& path, const obstacle& obstacle) {
    return fmt::format(
        "'{}' was written in place: {}. A crash during the write could have damaged it",
        path,
        because(obstacle.error)
    );
}

} // namespace

saved save(const std::string& path, std::string_view text) {
    const base::way target = base::follow(path);
    if (const std::string why = why_not(target); !why.empty())
        return {fmt::format("cannot write '{}': {}", path, why), {}};
    const struct stat* const old = target.exists ? &target.found : nullptr;
    const signals_wait until_done;
    obstacle met;
    if (old && old->st_nlink > 1)
        met = {EMLINK, true};
    else
        met = replace(target, text, old);
    if (!met)
        return {};
    if (!met.in_place)
        return {fmt::format("cannot write '{}': {}", path, base::system_reason(met.error)), {}};
    if (const int error = write_over(target, text))
        return {fmt::format("cannot write '{}': {}", path, base::system_reason(error)), {}};
    return {{}, why_in_place(path, met)};
}

} // namespace aio::config
