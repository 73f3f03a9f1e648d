#pragma once

// A shared library of a module, opened once: what is checked is what is loaded.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/module/elf.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace aio::module {

class AIO_API library_file {
  public:
    /// Throws elf_error when it is not there or is no regular file.
    explicit library_file(std::filesystem::path file);

    /// Why root must not load it, naming the file or the folder that others can change
    /// (base/trust); nothing: it may, and so may every other user.
    const std::optional<std::string>& distrusted() const noexcept { return distrust_; }

    /// Its bytes. The source must not outlive this object.
    byte_source bytes() const;

    /// Loads it for the rest of the process. Null: `why` says what is wrong, without its name. A
    /// file that was replaced since it was opened is an error.
    void* load(std::string& why) const;

  private:
    bool is_still_there() const;

    std::filesystem::path file_;
    base::descriptor handle_;
    std::optional<std::string> distrust_;
    std::uint64_t size_ = 0;
};

} // namespace aio::module
