#pragma once

// When the files of TLS have to be read again: of servers and of clients. Pure. Private to net/ and
// server/.

#include <aio/base/api.hpp>
#include <aio/net/tls_files.hpp>

#include <string>
#include <utility>

namespace aio::net {

/// Decides when files are read again, and what the log hears of it. A copy goes on by
/// itself.
class AIO_API file_watch {
  public:
    /// `read`: what the files were when they were read.
    explicit file_watch(file_stamps read) : read_(std::move(read)) {}

    /// What the files are now. True: they have to be read; loaded() or failed() follows.
    bool look(const file_stamps& now);

    /// The path whose change was seen last.
    const std::string& changed() const noexcept { return changed_; }

    /// What `look` has seen can be used, and is.
    void loaded();
    /// It cannot, for this reason. It is read again at the next look, as some reasons pass. True
    /// once for each change: the log has to hear of it.
    bool failed(const std::string& why);

  private:
    file_stamps read_, seen_;
    file_stamps told_of_;
    std::string told_, changed_;
};

} // namespace aio::net
