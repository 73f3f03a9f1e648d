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
    if (::linkat(folder, from, folder, to, 0) == 0)
        return ::unlinkat(folder, from, 0) == 0;
    struct stat now{};
    if (errno == EEXIST)
        return false;
    if (::fstatat(folder, to, &now, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return false;
    }
    return ::renameat(folder, from, folder, to) == 0;
}

} // namespace

bool move_to_free_name(int folder, const char* from, const char* to) noexcept {
    if (::renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0)
        return true;
    // EPERM: a filter of system calls does not know this one.
    if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP && errno != EPERM)
        return false;
    return move_by_link(folder, from, to);
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
