#pragma once

// A hidden file beside another one, which it replaces once it is complete.

#include <aio/base/descriptor.hpp>
#include <aio/base/way.hpp>

#include <string>
#include <string_view>

namespace aio::config {

/// A new file in the folder of `target`, of mode 0600. The destructor removes it unless it has
/// taken its place. `target` has to outlive it.
class temporary_file {
  public:
    explicit temporary_file(const base::way& target);
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

  private:
    bool named(int result) noexcept;

    const base::way& target_;
    std::string name_; ///< empty once it has its place
    base::descriptor file_;
};

} // namespace aio::config
