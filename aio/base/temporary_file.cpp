#include <aio/base/new_file.hpp>
#include <aio/base/temporary_file.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <random>

namespace aio::base {

namespace {

constexpr int most_attempts = 100;

// Never too long for a file system that takes the name itself.
std::string hidden_name(const std::string& name, unsigned number) {
    constexpr std::size_t most = 200;
    return fmt::format(".{}.{:08x}", name.substr(0, most), number);
}

/// For file systems whose rename always replaces: makes a second name first, because link() cannot
/// replace.
bool move_by_link(int folder, const char* from, const char* to) noexcept {
    if (::linkat(folder, from, folder, to, 0) == 0) {
        if (::unlinkat(folder, from, 0) == 0)
            return true;
        const int error = errno;
        ::unlinkat(folder, to, 0);
        errno = error;
        return false;
    }
    struct stat now{};
    if (errno == EEXIST)
        return false;
    if (::fstatat(folder, to, &now, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return false;
    }
    return ::renameat(folder, from, folder, to) == 0;
}

/// A filter of system calls that does not know this one refuses it before the names are looked at.
bool is_filtered(int folder) noexcept {
    return ::renameat2(folder, "", folder, "", RENAME_NOREPLACE) != 0 && errno == EPERM;
}

/// Whether the two steps may do what one step has failed to do. In a sticky folder they must not be
/// tried with the file of another user: it can be given a second name there, and none can be
/// removed.
bool is_unknown(int error, int folder) noexcept {
    return error == EINVAL || error == ENOSYS || error == ENOTSUP ||
           (error == EPERM && is_filtered(folder));
}

} // namespace

bool move_to_free_name(int folder, const char* from, const char* to) noexcept {
    if (::renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0)
        return true;
    const int error = errno;
    if (is_unknown(error, folder))
        return move_by_link(folder, from, to);
    errno = error;
    return false;
}

temporary_file::temporary_file(const way& target, int flags, mode_t mode) : target_(target) {
    std::random_device random;
    for (int attempt = 0; attempt < most_attempts && !file_; ++attempt) {
        name_ = hidden_name(target.name, random());
        file_.reset(
            ::openat(target.folder.get(), name_.c_str(), flags | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        );
        if (!file_ && errno != EEXIST)
            return;
    }
}

temporary_file::~temporary_file() {
    if (file_ && !name_.empty())
        ::unlinkat(target_.folder.get(), name_.c_str(), 0);
}

bool temporary_file::write(std::string_view text) const {
    return write_all(get(), text);
}

bool temporary_file::sync() const {
    return ::fsync(get()) == 0;
}

bool temporary_file::named(bool done) noexcept {
    if (done)
        name_.clear();
    return done;
}

bool temporary_file::replace() {
    const int folder = target_.folder.get();
    return named(::renameat(folder, name_.c_str(), folder, target_.name.c_str()) == 0);
}

bool temporary_file::take_free_name() {
    return named(move_to_free_name(target_.folder.get(), name_.c_str(), target_.name.c_str()));
}

} // namespace aio::base
