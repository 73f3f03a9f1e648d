#include <aio/base/descriptor.hpp>
#include <aio/process/group_members.hpp>

#include <boost/asio/execution_context.hpp>

#include <dirent.h>
#include <fcntl.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <memory>
#include <string_view>

namespace asio = boost::asio;

namespace aio::process {

namespace {

class keeper final : public asio::execution_context::service {
  public:
    static inline asio::execution_context::id id;

    explicit keeper(asio::execution_context& loop) : service(loop) {}

    group_members members;

  private:
    void shutdown() override {}
};

struct close_folder {
    void operator()(::DIR* folder) const noexcept { ::closedir(folder); }
};

/// Enough for the first five fields: the name of a process has at most 64 bytes.
using line_buffer = std::array<char, 256>;

std::string_view read_line(int processes, const char* pid, line_buffer& into) noexcept {
    std::array<char, 32> path{};
    std::snprintf(path.data(), path.size(), "%.20s/stat", pid);
    const base::descriptor file(::openat(processes, path.data(), O_RDONLY | O_CLOEXEC));
    const auto size = file ? ::read(file.get(), into.data(), into.size()) : 0;
    return {into.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

} // namespace

// "42 (name) S 1 42 ...": number, name, state, parent, group
group_member read_stat(std::string_view line) noexcept {
    const auto end_of_name = line.rfind(')');
    if (end_of_name == line.npos || line.size() < end_of_name + 5)
        return {};
    const char state = line[end_of_name + 2];
    const auto after_parent = line.find(' ', end_of_name + 4);
    if (after_parent == line.npos)
        return {};
    group_member read;
    const char* const end = line.data() + line.size();
    std::from_chars(line.data() + after_parent + 1, end, read.group);
    read.lives = read.group > 0 && state != 'Z' && state != 'X';
    return read;
}

group_members& group_members::of(async::loop& home) {
    return asio::use_service<keeper>(home.context()).members;
}

async::time_point group_members::next_look(async::time_point now) noexcept {
    return async::time_point{std::chrono::floor<period>(now.time_since_epoch()) + period{1}};
}

std::optional<bool> group_members::any(pid_t group, async::time_point now) {
    if (looked_at_ != now) {
        if (looked_at_ && now < next_look(*looked_at_))
            return std::nullopt;
        looked_at_ = now;
        look();
    }
    return living_.contains(group);
}

void group_members::look() {
    living_.clear();
    const std::unique_ptr<::DIR, close_folder> processes(::opendir("/proc"));
    if (!processes)
        return;
    line_buffer buffer;
    while (const ::dirent* const each = ::readdir(processes.get())) {
        if (std::isdigit(static_cast<unsigned char>(each->d_name[0])) == 0)
            continue;
        const group_member seen =
            read_stat(read_line(::dirfd(processes.get()), each->d_name, buffer));
        if (seen.lives)
            living_.insert(seen.group);
    }
}

} // namespace aio::process
