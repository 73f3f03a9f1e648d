#include <aio/log/file.hpp>
#include <aio/log/rotation.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

namespace aio::log {

namespace fs = std::filesystem;

namespace {

class file_output : public output {
  public:
    file_output(std::string path, bool append, complaints& to)
        : path_(std::move(path)), complaints_(to), to_(open_log_file(path_, !append),
                                                       descriptor::owner::ours,
                                                       descriptor::mode::collected,
                                                       path_,
                                                       to) {}

    void write(const record& one, std::string_view text) noexcept override {
        before(one, text.size() + 1);
        to_.append(text);
        flush_.after(one, to_);
    }

    void flush() noexcept override { to_.flush(); }

    std::string reopen() override {
        try {
            to_.replace(open_log_file(path_, false));
            return {};
        } catch (const std::system_error& e) {
            return e.what();
        }
    }

    /// Not a device or a pipe: those are not ours.
    std::string give_to(uid_t user, gid_t group) override {
        struct stat now{};
        if (::fstat(to_.fd(), &now) == 0 && !S_ISREG(now.st_mode))
            return {};
        if (::fchown(to_.fd(), user, group) == 0)
            return {};
        return fmt::format(
            "cannot give '{}' away: {}", path_, std::generic_category().message(errno)
        );
    }

  protected:
    /// Called before a line of so many bytes is appended.
    virtual void before(const record&, std::size_t) noexcept {}

    /// Moves the file away by `move`, which gets its path, and starts a new one. A failure is said
    /// and tried again at the next turn; until then the file goes on growing.
    template <typename Move>
    void roll_over(Move move) noexcept {
        try {
            to_.flush();
            move(path_);
            to_.replace(open_log_file(path_, false));
        } catch (const std::exception& e) {
            complaints_.say(e.what());
        }
    }

    const std::string& path() const noexcept { return path_; }

    std::uint64_t size() const noexcept { return to_.size(); }

  private:
    std::string path_;
    complaints& complaints_;
    descriptor to_;
    flush_policy flush_;
};

class sized_output final : public file_output {
  public:
    sized_output(const rotating_args& of, complaints& to)
        // Parts of a file that is emptied at each start would be parts of nothing.
        : file_output(of.path, of.append || of.max_bytes != 0, to), of_(of) {}

  private:
    void before(const record& one, std::size_t bytes) noexcept override {
        if (!too_large(of_, size(), bytes) || one.time < not_before_)
            return;
        roll_over([this](const std::string& path) {
            for (unsigned number = of_.backups; number > 1; --number) {
                const std::string from = fmt::format("{}.{}", path, number - 1);
                if (fs::exists(from))
                    fs::rename(from, fmt::format("{}.{}", path, number));
            }
            fs::rename(path, path + ".1");
        });
        if (size() != 0)
            not_before_ = one.time + std::chrono::seconds(1);
    }

    rotating_args of_;
    std::chrono::system_clock::time_point not_before_;
};

class timed_output final : public file_output {
  public:
    timed_output(const timed_args& of, complaints& to) : timed_output(of, to, last_change(of)) {}

  private:
    /// A file left from an earlier run is rolled over when its time came meanwhile.
    timed_output(const timed_args& of, complaints& to, std::time_t from)
        : file_output(of.path, true, to), of_(of), next_(next_rollover(of, from)) {}

    static std::time_t last_change(const timed_args& of) {
        struct stat now{};
        return ::stat(of.path.c_str(), &now) == 0 ? now.st_mtime : std::time(nullptr);
    }

    void before(const record& one, std::size_t) noexcept override {
        const std::time_t now = std::chrono::system_clock::to_time_t(one.time);
        if (now < next_)
            return;
        if (size() != 0)
            roll_over([this](const std::string& path) {
                fs::rename(path, path + part_suffix(of_, next_));
                remove_old();
            });
        // Boundaries stay where they were: what was slept through is one turn.
        const std::time_t step = next_rollover(of_, next_);
        next_ = step > now ? step : next_rollover(of_, now);
    }

    void remove_old() const {
        const fs::path path = this->path();
        const std::string name = path.filename();
        std::vector<std::string> parts;
        for (const auto& entry : fs::directory_iterator(path.parent_path())) {
            const std::string other = entry.path().filename();
            if (other.starts_with(name) && is_part_suffix(of_, other.substr(name.size())))
                parts.push_back(other);
        }
        for (const std::string& one : superfluous(of_, std::move(parts)))
            fs::remove(path.parent_path() / one);
    }

    timed_args of_;
    std::time_t next_;
};

} // namespace

std::unique_ptr<output> open_file(const file_args& of, complaints& to) {
    return std::make_unique<file_output>(of.path, of.append, to);
}

std::unique_ptr<output> open_file(const rotating_args& of, complaints& to) {
    return std::make_unique<sized_output>(of, to);
}

std::unique_ptr<output> open_file(const timed_args& of, complaints& to) {
    return std::make_unique<timed_output>(of, to);
}

} // namespace aio::log
