#include <aio/base/descriptor.hpp>
#include <aio/base/file_rights.hpp>
#include <aio/base/new_file.hpp>
#include <aio/base/path_reason.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/temporary_file.hpp>
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
#include <stdexcept>
#include <string_view>
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

base::descriptor open_folder(const base::way& way) {
    return base::descriptor{::openat(way.folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

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

// The error of the system; 0: none. Some file systems cannot sync a folder and need not.
int sync_folder(const base::way& target) {
    const base::descriptor opened = open_folder(target);
    return opened && (::fsync(opened.get()) == 0 || errno == EINVAL) ? 0 : errno;
}

file_state state_of(const struct stat& found) {
    return {
        .exists = true,
        .device = found.st_dev,
        .inode = found.st_ino,
        .mode = found.st_mode,
        .user = found.st_uid,
        .group = found.st_gid,
        .size = found.st_size,
        .times =
            {found.st_mtim.tv_sec,
             found.st_mtim.tv_nsec,
             found.st_ctim.tv_sec,
             found.st_ctim.tv_nsec},
        .error = 0,
        .place = {}
    };
}

} // namespace

file_state look_at(const std::string& path) {
    const base::way target = base::follow(path);
    if (target.exists)
        return state_of(target.found);
    file_state nothing;
    nothing.place = target.path;
    nothing.error = !target.planted.empty() ? EACCES : target.error == ENOENT ? 0 : target.error;
    return nothing;
}

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

// Labels go along where the file system and the rights of this process allow it.
void copy_labels(int from, int to) {
    std::array<char, 65536> names;
    const ssize_t size = ::flistxattr(from, names.data(), names.size());
    for (ssize_t at = 0; at < size;) {
        const std::string_view name = names.data() + at;
        std::array<char, 65536> value;
        const ssize_t length = ::fgetxattr(from, name.data(), value.data(), value.size());
        if (length >= 0 && name != base::access_list_name)
            std::ignore =
                ::fsetxattr(to, name.data(), value.data(), static_cast<std::size_t>(length), 0);
        at += static_cast<ssize_t>(name.size()) + 1;
    }
}

// The system's reason why a file could not be replaced, and whether writing into it may still work.
struct obstacle {
    int error = 0;
    bool in_place = false;
    bool changed = false; // another process has written the file since it was read

    explicit operator bool() const noexcept { return error != 0 || changed; }
};

constexpr obstacle changed_meanwhile{.changed = true};

// A folder that takes no new file, an owner that cannot be given: the file itself may be writable.
bool concerns_folder_only(int error) {
    return error == EACCES || error == EPERM || error == EROFS;
}

// A file that is a mount point, as in a container, can be neither renamed nor replaced.
bool concerns_name_only(int error) {
    return error == EBUSY || error == EXDEV || error == EACCES || error == EPERM;
}

bool is_unchanged(const base::way& target, const file_state& seen) {
    struct stat now{};
    const int found =
        ::fstatat(target.folder.get(), target.name.c_str(), &now, AT_SYMLINK_NOFOLLOW);
    return found == 0 && state_of(now) == seen;
}

// What a file system may change when a file is opened for writing: an overlay copies a file of its
// lower layer up, which gives it a new device, inode and time of change.
file_state without_identity(file_state state) {
    state.device = {};
    state.inode = {};
    state.times[2] = state.times[3] = 0;
    return state;
}

// Gives the new file the rights and the labels of the old one.
obstacle take_after(const base::temporary_file& fresh, const base::way& target) {
    const base::descriptor before{target.open(O_RDONLY | O_NONBLOCK)};
    if (!before)
        return {.error = errno, .in_place = true};
    copy_labels(before.get(), fresh.get());
    const int error = base::give_rights(fresh.get(), base::rights_of(before.get()));
    return {.error = error, .in_place = error != 0};
}

obstacle replace(const base::way& target, std::string_view text, const file_state& seen) {
    base::temporary_file fresh{target, O_RDWR};
    if (!fresh.made())
        return {.error = errno, .in_place = seen.exists && concerns_folder_only(errno)};
    if (!fresh.write(text))
        return {.error = errno};
    if (seen.exists) {
        if (const obstacle met = take_after(fresh, target))
            return met;
    } else if (::fchmod(fresh.get(), usual_mode()) != 0) {
        return {.error = errno};
    }
    if (!fresh.sync())
        return {.error = errno};
    if (!seen.exists)
        return fresh.take_free_name() ? obstacle{}
               : errno == EEXIST      ? changed_meanwhile
                                      : obstacle{.error = errno};
    if (!is_unchanged(target, seen))
        return changed_meanwhile;
    return fresh.replace() ? obstacle{}
                           : obstacle{.error = errno, .in_place = concerns_name_only(errno)};
}

// Writes over the old text, and writes the old text again when that fails.
obstacle write_over(const base::way& target, std::string_view text, const file_state& seen) {
    if (!is_unchanged(target, seen))
        return changed_meanwhile;
    const base::descriptor file{target.open(O_RDWR | O_NOCTTY | O_NONBLOCK)};
    struct stat found{};
    if (!file || ::fstat(file.get(), &found) != 0)
        return {.error = errno};
    if (without_identity(state_of(found)) != without_identity(seen))
        return changed_meanwhile;
    std::string before(static_cast<std::size_t>(found.st_size), '\0');
    if (::pread(file.get(), before.data(), before.size(), 0) != static_cast<ssize_t>(before.size()))
        return {.error = errno ? errno : EIO};
    const auto put = [&](std::string_view content) {
        return ::lseek(file.get(), 0, SEEK_SET) == 0 && base::write_all(file.get(), content) &&
               ::ftruncate(file.get(), static_cast<off_t>(content.size())) == 0 &&
               ::fsync(file.get()) == 0;
    };
    if (put(text))
        return {};
    const int error = errno;
    std::ignore = put(before);
    return {.error = error};
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

// The new file has its name already, so this is no failure.
std::string why_not_synced(const std::string& path, int error) {
    return fmt::format(
        "'{}' was written, but its folder cannot be synced ({}): if the machine crashes now, the "
        "old text may come back",
        path,
        base::system_reason(error)
    );
}

saved refused(const std::string& path, const std::string& why) {
    return {fmt::format("cannot write '{}': {}", path, why), {}};
}

saved refused(const std::string& path, const obstacle& met) {
    return refused(
        path,
        met.changed ? "it changed meanwhile; nothing was written" : base::system_reason(met.error)
    );
}

} // namespace

saved save(const std::string& path, std::string_view text) {
    return save(path, text, look_at(path));
}

saved save(const std::string& path, std::string_view text, const file_state& seen) {
    const base::way target = base::follow(path);
    if (const std::string why = why_not(target); !why.empty())
        return refused(path, why);
    const bool same = target.exists ? state_of(target.found) == seen : target.path == seen.place;
    if (target.exists != seen.exists || !same)
        return refused(path, changed_meanwhile);
    const signals_wait until_done;
    const obstacle met = target.exists && target.found.st_nlink > 1
                             ? obstacle{.error = EMLINK, .in_place = true}
                             : replace(target, text, seen);
    if (!met) {
        const int error = sync_folder(target);
        return {{}, error == 0 ? "" : why_not_synced(path, error)};
    }
    if (!met.in_place)
        return refused(path, met);
    if (const obstacle failed = write_over(target, text, seen))
        return refused(path, failed);
    return {{}, why_in_place(path, met)};
}

} // namespace aio::config
