#pragma once

// Configuration files on disk: the places where they are searched, and their includes.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/input_file.hpp>
#include <aio/config/load.hpp>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aio::config {

/// aio.conf, etc/aio.conf, /etc/aio/aio.conf, /etc/aio.conf: the first that is there
/// (config/absence) is read.
AIO_API std::span<const std::string_view> usual_places() noexcept;

/// The first of the places that is there. Hidden places are passed over, with one warning that
/// names them. When no place is there, the first hidden one: an attempt to read it gives the
/// reason.
AIO_API std::optional<std::string>
first_found(std::span<const std::string_view> searched, base::diagnostics* problems = nullptr);

/// first_found() of the usual places.
AIO_API std::optional<std::string> find_usual_file(base::diagnostics* problems = nullptr);

/// The content of a file for ${file:PATH}, or what is wrong with it in `error`: text in UTF-8 of
/// 16 MiB at most, of a regular file, a pipe or /dev/null (base/input_file), without a byte order
/// mark.
AIO_API std::optional<std::string> read_text(const std::string& path, std::string& error);

/// read_text() for values that are evaluated more than once. It remembers what came through a pipe,
/// because a pipe can be read only once. Copies share this memory.
class AIO_API text_reader {
  public:
    text_reader();

    std::optional<std::string> operator()(const std::string& path, std::string& error) const;

  private:
    struct known_pipe {
        std::optional<std::string> text;
        std::string error;
    };

    using known_pipes = std::map<std::string, known_pipe>;

    std::shared_ptr<known_pipes> pipes_;
};

/// A file of 64 MiB at most as a source with the name that was given. What is wrong is an error
/// that names the file. `unread` is set to whether the file is missing or unreadable: root's
/// distrust and a lack of descriptors or memory are errors of other kinds. A file that was found
/// and that a stranger may have planted has to be named, which is an error, too.
AIO_API std::shared_ptr<const base::source> read_source(
    const std::string& path,
    base::diagnostics& problems,
    bool* unread = nullptr,
    base::provenance how = {}
);

/// Files in order, each followed by what its `[aio] include` names: patterns (config/pattern)
/// sorted, relative to the file that names them. A literal name that does not exist, a folder that
/// a pattern cannot look into, a file that a pattern finds and a stranger may have planted, and a
/// cycle are errors. `unread` is set to whether one of `paths` itself is missing or unreadable, as
/// for read_source().
AIO_API std::vector<layer>
read_files(std::span<const std::string> paths, base::diagnostics& problems, bool* unread = nullptr);

enum class includes { followed, ignored };

/// What came of a file that nobody has named.
struct AIO_API found_file {
    std::vector<layer> layers; ///< the file, and then what it includes
    bool unread = false;       ///< it is missing or unreadable, as for read_source()
    std::string planted;       ///< why a stranger may have put it there; then nothing was read

    found_file() = default;
};

/// read_files() of a file that was found and not named (base/input_file: provenance::found()). What
/// it includes is named by it. `planted` is for the caller to report.
AIO_API found_file
read_found(const std::string& path, base::diagnostics& problems, includes how = includes::followed);

/// The error for a found file that has to be named, because it may be planted.
AIO_API void
refuse_planted(const std::string& path, std::string_view why, base::diagnostics& problems);

} // namespace aio::config
