#include <aio/base/system_reason.hpp>
#include <aio/base/trust.hpp>
#include <aio/base/way.hpp>
#include <aio/module/library.hpp>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace aio::module {

namespace {

// dlerror() repeats the name of the file.
std::string without_file(std::string text, const std::string& file) {
    const std::string beginning = file + ": ";
    return text.starts_with(beginning) ? text.substr(beginning.size()) : text;
}

} // namespace

library_file::library_file(std::filesystem::path file) : file_(std::move(file)) {
    const base::way there = base::follow(file_);
    distrust_ = there.distrust;
    if (!there.planted.empty())
        throw elf_error(there.planted);
    if (there.error == 0)
        handle_.reset(there.open(O_RDONLY | O_NONBLOCK | O_NOCTTY));
    const int error = there.error != 0 ? there.error : errno;
    struct stat found{};
    if (!handle_ || ::fstat(handle_.get(), &found) != 0)
        throw elf_error(std::string("not readable: ") + base::system_reason(error));
    if (!S_ISREG(found.st_mode))
        throw elf_error("not a regular file");
    size_ = static_cast<std::uint64_t>(found.st_size);
    if (const auto why = base::distrust(handle_); why && !distrust_)
        distrust_ = file_.string() + ' ' + *why;
}

byte_source library_file::bytes() const {
    return {size_, [handle = handle_.get()](std::uint64_t offset, std::span<std::byte> into) {
                while (!into.empty()) {
                    const auto n =
                        ::pread(handle, into.data(), into.size(), static_cast<off_t>(offset));
                    if (n < 0 && errno == EINTR)
                        continue;
                    if (n <= 0)
                        return false;
                    into = into.subspan(static_cast<std::size_t>(n));
                    offset += static_cast<std::uint64_t>(n);
                }
                return true;
            }};
}

bool library_file::is_still_there() const {
    struct stat opened{}, named{};
    return ::fstat(handle_.get(), &opened) == 0 && ::stat(file_.c_str(), &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

// By its name and not by /proc/self/fd: $ORIGIN, debuggers and stack traces need the name. As root,
// no other user can change what the name leads to (distrusted()). For any other user, a file that
// was replaced meanwhile is an error, although its constructors may have run.
void* library_file::load(std::string& why) const {
    constexpr const char* replaced = "it was replaced while it was loaded";
    if (!is_still_there()) {
        why = replaced;
        return nullptr;
    }
    void* const handle = ::dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) {
        why = without_file(::dlerror(), file_.string());
        return nullptr;
    }
    if (!is_still_there()) {
        why = replaced;
        return nullptr;
    }
    return handle;
}

} // namespace aio::module
