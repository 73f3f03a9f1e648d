#include <aio/net/tls_files.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace aio::net {

namespace {

file_stamp stamp_of(std::string path) {
    file_stamp made;
    made.path = std::move(path);
    struct stat found{};
    if (::stat(made.path.c_str(), &found) != 0)
        return made;
    made.exists = true;
    made.pipe = !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode);
    if (made.pipe)
        return made;
    made.device = found.st_dev;
    made.inode = found.st_ino;
    made.seconds = found.st_mtim.tv_sec;
    made.nanoseconds = found.st_mtim.tv_nsec;
    made.size = found.st_size;
    return made;
}

std::vector<std::string> files_in(const std::string& folder) {
    std::vector<std::string> all;
    std::error_code failed;
    for (std::filesystem::directory_iterator each(folder, failed), end; !failed && each != end;
         each.increment(failed))
        all.push_back(each->path().string());
    std::ranges::sort(all);
    return all;
}

} // namespace

file_stamps stamps_of(const std::vector<std::string>& paths) {
    file_stamps all;
    for (const std::string& each : paths) {
        if (each.empty())
            continue;
        all.push_back(stamp_of(each));
        for (std::string& file : files_in(each))
            all.push_back(stamp_of(std::move(file)));
    }
    return all;
}

bool can_be_watched(const file_stamps& files) noexcept {
    return std::ranges::none_of(files, &file_stamp::pipe);
}

std::string changed(const file_stamps& before, const file_stamps& now) {
    const auto [was, is] = std::ranges::mismatch(before, now);
    if (is != now.end())
        return is->path;
    return was == before.end() ? std::string() : was->path;
}

} // namespace aio::net
