#include <aio/base/descriptor.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/net/pem_file.hpp>
#include <aio/net/tls_common.hpp>

#include <fcntl.h>
#include <unistd.h>

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

std::shared_ptr<const pem_text> read_text(const std::string& path, const std::string& use) {
    const base::descriptor file = open(path, use);
    const auto made = std::make_shared<pem_text>();
    if (::fstat(file.get(), &made->file) != 0)
        throw base::system_failure(errno, use);
    std::array<char, portion> buffer;
    for (;;) {
        const ::ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got == 0)
            break;
        if (got > 0)
            made->text.append(buffer.data(), static_cast<std::size_t>(got));
        else if (errno != EINTR)
            throw base::system_failure(errno, use);
        if (made->text.size() > longest)
            throw std::runtime_error(use + ": it is longer than 16M");
    }
    if (made->text.starts_with("\xEF\xBB\xBF-----BEGIN")) // OpenSSL would see no block there
        throw std::runtime_error(use + ": it begins with a byte order mark, save it without one");
    return made;
}

} // namespace

bool pem_text::is(const struct stat& other) const noexcept {
    if (other.st_dev != file.st_dev || other.st_ino != file.st_ino)
        return false;
    return !S_ISREG(file.st_mode) ||
           (other.st_mtim.tv_sec == file.st_mtim.tv_sec &&
            other.st_mtim.tv_nsec == file.st_mtim.tv_nsec && other.st_size == file.st_size);
}

std::shared_ptr<const pem_text> pem_files::find(const std::string& path) const {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0)
        return nullptr;
    for (const auto& each : texts_)
        if (each->is(found))
            return each;
    return shared_ ? shared_->known(found) : nullptr;
}

const pem_file& pem_files::read(std::string path, const std::string& use) {
    std::shared_ptr<const pem_text> text = find(path);
    if (!text) {
        text = read_text(path, use);
        if (shared_)
            shared_->remember(text);
    }
    texts_.push_back(text);
    return all_.emplace_back(std::move(path), std::move(text));
}

} // namespace aio::net
