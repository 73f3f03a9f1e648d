#pragma once

// Configuration files on disk: where they are looked for, what they include.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/load.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aio::config {

/// aio.conf, etc/aio.conf, /etc/aio/aio.conf, /etc/aio.conf: the first that exists is read.
AIO_API std::span<const std::string_view> usual_places() noexcept;
AIO_API std::optional<std::string> find_usual_file();

/// The content of a file, or what is wrong with it in `error`: 64 MiB at most, of a regular file, a
/// pipe or /dev/null; no other device is read. Root reads none that others may write (base/trust);
/// `unread` is set to whether anything else was wrong.
AIO_API std::optional<std::string>
read_file(const std::string& path, std::string& error, bool* unread = nullptr);
/// The same for ${file:PATH}: UTF-8 of 16 MiB at most.
AIO_API std::optional<std::string> read_text(const std::string& path, std::string& error);

/// A file as a source named as it was given; what is wrong is an error naming it.
AIO_API std::shared_ptr<const base::source>
read_source(const std::string& path, base::diagnostics& to, bool* unread = nullptr);

/// Files in order, each followed by what its `[aio] include` names: globs sorted, relative to the
/// file that names them. A literal name that does not exist and a cycle are errors.
/// With `unread`, it is set to whether one of `paths` itself could not be read.
AIO_API std::vector<layer>
read_files(std::span<const std::string> paths, base::diagnostics& to, bool* unread = nullptr);

} // namespace aio::config
