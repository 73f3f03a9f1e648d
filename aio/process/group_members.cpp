#include <aio/base/descriptor.hpp>
#include <aio/base/shortage.hpp>
#include <aio/base/visible.hpp>
#include <aio/process/group_members.hpp>

#include <boost/asio/execution_context.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

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

/// Empty for a process that has ended. Nothing: a shortage, which says nothing about the process.
std::optional<std::string_view>
read_line(int processes, const char* pid, line_buffer& into) noexcept {
    std::array<char, 32> path{};
    std::snprintf(path.data(), path.size(), "%.20s/stat", pid);
    const base::descriptor file(::openat(processes, path.data(), O_RDONLY | O_CLOEXEC));
    if (!file && base::is_shortage(errno))
        return std::nullopt;
    const auto size = file ? ::read(file.get(), into.data(), into.size()) : 0;
    if (size < 0 && base::is_shortage(errno))
        return std::nullopt;
    return std::string_view{into.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
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
    if (const auto name = line.find('('); name < end_of_name)
        read.program = line.substr(name + 1, end_of_name - name - 1);
    return read;
}

group_members& group_members::of(async::loop& home) {
    group_members& all = asio::use_service<keeper>(home.context()).members;
    all.turns_ = &home.turns();
    return all;
}

async::time_point group_members::next_look(async::time_point now) noexcept {
    return async::time_point{std::chrono::floor<period>(now.time_since_epoch()) + period{1}};
}

std::optional<bool> group_members::any(pid_t group, async::time_point now) {
    const std::uint64_t turn = turns_ ? turns_->count() : 0;
    const bool this_moment = turns_ ? looked_at_ && turn == looked_in_ : looked_at_ == now;
    if (!this_moment) {
        if (looked_at_ && now < next_look(*looked_at_))
            return std::nullopt;
        looked_at_ = now;
        looked_in_ = turn;
        whole_ = look();
    }
    if (living_.contains(group))
        return true;
    return whole_ ? std::optional(false) : std::nullopt;
}

bool group_members::look() {
    living_.clear();
    const std::unique_ptr<::DIR, close_folder> processes(::opendir("/proc"));
    if (!processes && base::is_shortage(errno))
        return false;
    if (!processes || !fault_of_proc().empty())
        return true;
    bool whole = true;
    line_buffer buffer;
    for (;;) {
        errno = 0;
        const ::dirent* const each = ::readdir(processes.get());
        if (!each)
            return whole && !base::is_shortage(errno);
        pid_t pid = 0;
        const std::string_view name = each->d_name;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc{})
            continue;
        const auto line = read_line(::dirfd(processes.get()), each->d_name, buffer);
        whole = whole && line;
        const group_member seen = read_stat(line.value_or(""));
        if (seen.lives)
            living_.emplace(seen.group, member{pid, std::string{seen.program}});
    }
}

std::vector<member> group_members::last_seen(pid_t group) const {
    std::vector<member> all;
    const auto [first, last] = living_.equal_range(group);
    for (auto each = first; each != last; ++each)
        all.push_back(each->second);
    return all;
}

std::string group_members::new_fault() {
    return std::exchange(asked_for_fault_, true) ? std::string{} : fault_of_proc();
}

std::string member::text() const {
    return fmt::format("pid {} ({})", pid, base::visible(program, base::layout::log));
}

bool member::within_reach() const noexcept {
    return ::kill(pid, 0) == 0 || errno != EPERM;
}

// The link names this process by its number in the PID namespace of /proc. That number may be the
// right one by chance; NSpid has a further number for each namespace between the two.
std::string fault_of_proc() {
    std::array<char, 32> self{};
    if (::access("/proc/self/stat", F_OK) != 0 && ::access("/proc/sys", F_OK) != 0)
        return "/proc is not mounted";
    const ssize_t size = ::readlink("/proc/self", self.data(), self.size());
    const std::string_view number(self.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    std::ifstream status{"/proc/self/status"};
    bool nested = false;
    for (std::string line; !nested && std::getline(status, line);)
        nested = line.starts_with("NSpid:") && std::ranges::count(line, '\t') > 1;
    return nested || number != std::to_string(::getpid())
               ? "/proc shows the processes of another PID namespace"
               : std::string{};
}

} // namespace aio::process
