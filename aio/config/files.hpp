#pragma once

// Configuration files on disk: the places where they are searched, and their includes.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/load.hpp>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aio::config {

/// aio.conf, etc/aio.conf, /etc/aio/aio.conf, /etc/aio.conf: the first that is not absent
/// (config/absence) is read.
AIO_API std::span<const std::string_view> usual_places() noexcept;
AIO_API std::optional<std::string> find_usual_file();

/// The content of a file, or what is wrong with it in `error`: 64 MiB at most, of a regular file, a
/// pipe or /dev/null (base/input_file). `unread` is set to whether it could not be read; a file
/// that root must not trust is an error of another kind.
AIO_API std::optional<std::string>
read_file(const std::string& path, std::string& error, bool* unread = nullptr);
/// The same for ${file:PATH}: text in UTF-8 of 16 MiB at most, without a byte order mark.
AIO_API std::optional<std::string> read_text(const std::string& path, std::string& error);

/// read_text() for values that are evaluated more than once: what came through a pipe is
/// remembered, because a pipe can be read once only. Copies share what is remembered.
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

/// A file as a source named as it was given; what is wrong is an error naming it.
AIO_API std::shared_ptr<const base::source>
read_source(const std::string& path, base::diagnostics& problems, bool* unread = nullptr);

/// Files in order, each followed by what its `[aio] include` names: patterns (config/pattern)
/// sorted, relative to the file that names them. A literal name that does not exist, a folder that
/// a pattern cannot look into and a cycle are errors. With `unread`, it is set to whether one of
/// `paths` itself could not be read.
AIO_API std::vector<layer>
read_files(std::span<const std::string> paths, base::diagnostics& problems, bool* unread = nullptr);

} // namespace aio::config
