#include <aio/base/descriptor.hpp>
#include <aio/config/edit.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

namespace aio::config {

namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;

std::string failure(std::string_view what) {
    return fmt::format("{}: {}", what, std::generic_category().message(errno));
}

// What a chain of links ends at, there or not.
fs::path target_of(fs::path path) {
    for (int i = 0; i < most_links; ++i) {
        std::error_code error;
        const fs::path next = fs::read_symlink(path, error);
        if (error)
            break;
        path = next.is_absolute() ? next : path.parent_path() / next;
    }
    return path;
}

// A file that is removed unless it took the place of another.
class temporary {
  public:
    explicit temporary(const fs::path& beside)
        : path_((beside.parent_path() / ("." + beside.filename().string() + ".XXXXXX")).string()),
          file_(::mkostemp(path_.data(), O_CLOEXEC)) {}

    temporary(const temporary&) = delete;
    temporary& operator=(const temporary&) = delete;

    ~temporary() {
        if (file_ && !path_.empty())
            ::unlink(path_.c_str());
    }

    bool made() const noexcept { return bool{file_}; }

    int get() const noexcept { return file_.get(); }

    bool write(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t n = ::write(get(), text.data(), text.size());
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0)
                return false;
            text.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    bool sync() const { return ::fsync(get()) == 0; }

    bool replace(const fs::path& target) {
        if (::rename(path_.c_str(), target.c_str()) != 0)
            return false;
        path_.clear();
        return true;
    }

  private:
    std::string path_;
    base::descriptor file_;
};

mode_t usual_mode() {
    const mode_t mask = ::umask(022);
    ::umask(mask);
    return 0666 & ~mask;
}

base::descriptor open_folder(const fs::path& of) {
    const fs::path folder = of.has_parent_path() ? of.parent_path() : fs::path{"."};
    return base::descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

// A signal that ends the process waits, so that no temporary file is left.
class signals_wait {
  public:
    signals_wait() {
        sigset_t ending;
        ::sigemptyset(&ending);
        for (const int one : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
            ::sigaddset(&ending, one);
        ::pthread_sigmask(SIG_BLOCK, &ending, &before_);
    }

    signals_wait(const signals_wait&) = delete;
    signals_wait& operator=(const signals_wait&) = delete;

    ~signals_wait() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_;
};

bool sync_folder(const fs::path& of) {
    const base::descriptor opened = open_folder(of);
    return opened && (::fsync(opened.get()) == 0 || errno == EINVAL);
}

} // namespace

base::descriptor lock_for_change(const std::string& path) {
    base::descriptor folder = open_folder(target_of(path));
    while (folder && ::flock(folder.get(), LOCK_EX) != 0)
        if (errno != EINTR)
            folder.reset();
    return folder;
}

std::string save(const std::string& path, std::string_view text) {
    const fs::path target = target_of(path);
    struct stat old{};
    const bool exists = ::stat(target.c_str(), &old) == 0;
    if (exists && !S_ISREG(old.st_mode))
        return fmt::format("cannot write '{}': it is no regular file", path);
    const signals_wait until_done;
    temporary fresh{target};
    if (!fresh.made())
        return failure(fmt::format("cannot write beside '{}'", path));
    if (!fresh.write(text))
        return failure(fmt::format("cannot write '{}'", path));
    if (exists && ::fchown(fresh.get(), old.st_uid, old.st_gid) != 0)
        return failure(fmt::format("cannot keep the owner of '{}'", path));
    if (::fchmod(fresh.get(), exists ? old.st_mode & 07777 : usual_mode()) != 0)
        return failure(fmt::format("cannot keep the mode of '{}'", path));
    if (!fresh.sync() || !fresh.replace(target) || !sync_folder(target))
        return failure(fmt::format("cannot write '{}'", path));
    return {};
}

} // namespace aio::config
