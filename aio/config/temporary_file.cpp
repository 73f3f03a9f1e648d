#include <aio/base/new_file.hpp>
#include <aio/config/temporary_file.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <random>

namespace aio::config {

namespace {

constexpr int most_attempts = 100;

// Never too long for a file system that takes the name itself.
std::string hidden_name(const std::string& name, unsigned number) {
    constexpr std::size_t most = 200;
    return fmt::format(".{}.{:08x}", name.substr(0, most), number);
}

} // namespace

temporary_file::temporary_file(const base::way& target) : target_(target) {
    constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    std::random_device random;
    for (int attempt = 0; attempt < most_attempts && !file_; ++attempt) {
        name_ = hidden_name(target.name, random());
        file_.reset(::openat(target.folder.get(), name_.c_str(), flags, 0600));
        if (!file_ && errno != EEXIST)
            return;
    }
}

temporary_file::~temporary_file() {
    if (file_ && !name_.empty())
        ::unlinkat(target_.folder.get(), name_.c_str(), 0);
}

bool temporary_file::write(std::string_view text) const {
    return base::write_all(get(), text);
}

bool temporary_file::sync() const {
    return ::fsync(get()) == 0;
}

bool temporary_file::named(int result) noexcept {
    if (result == 0)
        name_.clear();
    return result == 0;
}

bool temporary_file::replace() {
    const int folder = target_.folder.get();
    return named(::renameat(folder, name_.c_str(), folder, target_.name.c_str()));
}

// Some file systems, such as NFS, cannot rename without replacing.
bool temporary_file::take_free_name() {
    const int folder = target_.folder.get();
    const char* const name = target_.name.c_str();
    if (::renameat2(folder, name_.c_str(), folder, name, RENAME_NOREPLACE) == 0)
        return named(0);
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    if (::linkat(folder, name_.c_str(), folder, name, 0) != 0)
        return false;
    return named(::unlinkat(folder, name_.c_str(), 0));
}

} // namespace aio::config
