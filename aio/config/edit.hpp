#pragma once

// Changes to the text of one file that keep every other byte: comments, order, spelling, line ends.
// Pure functions from text to text, except look_at(), save() and lock_for_change().

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/base/diagnostic.hpp>

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace aio::config {

/// The text after a change. If the change was refused, the old text, and `refused` says why.
struct edited {
    std::string text;
    std::string refused;
    bool found = true; ///< unset: the section or option was there

    bool changed(std::string_view before) const noexcept { return text != before; }
};

enum class dollar_check { refuse_bad, any };

/// Sets an option of a section: in place when it is there, else after the section's last option,
/// else in a new section at the end. Refuses what would not read back as exactly this change.
/// The text has to parse without errors.
AIO_API edited set_option(
    std::string_view text,
    std::string_view section,
    std::string_view option,
    std::string_view value,
    dollar_check dollars = dollar_check::refuse_bad
);

/// Removes an option; comments inside its value stay.
AIO_API edited
unset_option(std::string_view text, std::string_view section, std::string_view option);

/// Removes a section, from its header to its last option.
AIO_API edited unset_section(std::string_view text, std::string_view section);

/// `\n`, `\t` and `\\` become the character; any other backslash stays.
AIO_API std::string unescape(std::string_view value);

struct saved {
    std::string error; ///< what went wrong; empty: the file has the new text
    std::string note;  ///< a sentence for the owner of the file; empty: none
};

/// A file as it was when it was looked at.
struct file_state {
    bool exists = false;
    dev_t device = 0;
    ino_t inode = 0;
    mode_t mode = 0;
    uid_t user = 0;
    gid_t group = 0;
    off_t size = 0;
    /// Of the last write and of the last change of any kind: seconds and nanoseconds.
    std::array<std::int64_t, 4> times{};
    int error = 0;     ///< why it is not known whether the file exists, as errno has it
    std::string place; ///< where a file that is not there would be made: absolute, without links

    bool operator==(const file_state&) const = default;
};

/// Follows links. Call it before the text is read: save() then notices every later change.
AIO_API file_state look_at(const std::string& path);

/// Replaces a file so that a crash leaves the old or the new one: a temporary file beside it, sync,
/// rename, sync of the folder. Follows links; mode, owner, group and access lists stay. A file that
/// is not there is created. A file that cannot be replaced is written in place, with a note: one
/// that has a second name (a hard link), a mount point, one in a folder that takes no new file, one
/// whose owner or access list cannot be given to another file. No temporary file is left. A file
/// that is not as it was `seen` any more is an error and stays as it is.
AIO_API saved save(const std::string& path, std::string_view text, const file_state& seen);
/// The same for a file that was not read before.
AIO_API saved save(const std::string& path, std::string_view text);

/// A lock held from reading a file until save(), so that two processes do not overwrite each
/// other's change. Waits for another holder, as long as `limit`. The descriptor is empty when the
/// folder cannot be locked. Anybody who may read the folder can hold this lock: a lock file would
/// stay behind in folders of others, and the error after `limit` names the folder.
/// Throws: std::runtime_error, which names the folder, when the limit is over.
AIO_API base::descriptor
lock_for_change(const std::string& path, std::chrono::milliseconds limit = std::chrono::seconds(5));

/// A text in which the values of secret options are masked, line by line the same.
AIO_API std::string mask_secrets(
    std::string_view text,
    const std::function<bool(std::string_view section, std::string_view option)>& secret
);

/// The difference of two texts as `diff -u` prints it, one hunk; empty when they are equal. Lines
/// are compared in `before` and `after` and printed from `shown_before` and `shown_after`.
AIO_API std::string unified_diff(
    std::string_view name,
    std::string_view before,
    std::string_view after,
    std::string_view shown_before,
    std::string_view shown_after
);

} // namespace aio::config
