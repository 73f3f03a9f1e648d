#pragma once

// A hidden file beside another one, whose place it takes once it is complete.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/base/way.hpp>

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

namespace aio::base {

/// Renames within an open folder. Replaces nothing: EEXIST when something has the name `to`. Some
/// file systems can only do that in two steps. False: errno says why not.
AIO_API bool move_to_free_name(int folder, const char* from, const char* to) noexcept;

/// A new file in the folder of `target`. The destructor removes it unless it has taken its place.
/// `target` has to outlive it.
class AIO_API temporary_file {
  public:
    /// Opened with `flags`, for reading and writing or for appending.
    explicit temporary_file(const way& target, int flags, mode_t mode = 0600);
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;
    ~temporary_file();

    /// False: errno says why not.
    bool made() const noexcept { return bool(file_); }

    int get() const noexcept { return file_.get(); }

    bool write(std::string_view text) const;
    bool sync() const;

    /// Takes the name of the target, and replaces what has it. False: errno says why not.
    bool replace();
    /// Takes the name of the target, which nothing may have. False: errno says why not; EEXIST:
    /// something has it.
    bool take_free_name();

    /// The open file, for a file that has taken its place.
    descriptor take_file() noexcept { return std::move(file_); }

  private:
    bool named(bool done) noexcept;

    const way& target_;
    std::string name_; ///< empty once it has its place
    descriptor file_;
};

} // namespace aio::base
