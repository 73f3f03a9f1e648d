#include <aio/base/descriptor.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/net/pem_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace aio::net {

namespace {

constexpr std::size_t portion = 16 * 1024;
constexpr std::size_t longest = 16 * 1024 * 1024;

base::descriptor open(const std::string& path, const std::string& use) {
    int made = -1;
    do
        made = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (made < 0 && errno == EINTR);
    if (made < 0)
        throw base::system_failure(errno, use);
    return base::descriptor(made);
}

} // namespace

pem_file::pem_file(std::string path, const pem_file& known) : pem_file(known) {
    path_ = std::move(path);
}

bool pem_file::is_at(const std::string& path) const {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_;
}

pem_file::pem_file(std::string path, const std::string& use) : path_(std::move(path)) {
    const base::descriptor file = open(path_, use);
    struct stat found{};
    if (::fstat(file.get(), &found) != 0)
        throw base::system_failure(errno, use);
    device_ = found.st_dev;
    inode_ = found.st_ino;
    std::array<char, portion> buffer;
    for (;;) {
        const ::ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got == 0)
            break;
        if (got > 0)
            text_.append(buffer.data(), static_cast<std::size_t>(got));
        else if (errno != EINTR)
            throw base::system_failure(errno, use);
        if (text_.size() > longest)
            throw std::runtime_error(use + ": it is longer than 16M");
    }
    if (text_.starts_with("\xEF\xBB\xBF-----BEGIN")) // OpenSSL would see no block there
        throw std::runtime_error(use + ": it begins with a byte order mark, save it without one");
}

const pem_file& pem_files::read(std::string path, const std::string& use) {
    const auto known =
        std::ranges::find_if(all_, [&](const pem_file& file) { return file.is_at(path); });
    return known == all_.end() ? all_.emplace_back(std::move(path), use)
                               : all_.emplace_back(std::move(path), *known);
}

} // namespace aio::net
