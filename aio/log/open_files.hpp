#pragma once

// What the handlers of a log tree share about a file that several of them have open.

#include <aio/base/api.hpp>

#include <sys/stat.h>
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <ctime>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace aio::log {

/// Members may be used from any thread.
struct shared_file {
    std::atomic<bool> torn{false}; ///< the last write ended inside a line
    /// The number of times that a handler has opened another file in place of this one. The other
    /// handlers compare it before each record, so none waits for the lock of another one.
    std::atomic<std::uint64_t> replaced{0};

    static constexpr std::time_t not_known = std::numeric_limits<std::time_t>::min();
    /// When the content of the file began.
    std::atomic<std::time_t> began{not_known};
};

/// Members may be called from any thread. Their lock is never held while another one is taken.
class AIO_API open_files {
  public:
    /// The state of the open file, which all handlers of that file share. `torn` is the beginning
    /// of a new one. Throws std::bad_alloc.
    std::shared_ptr<shared_file> state_of(const struct stat& file, bool torn);

  private:
    std::mutex lock_;
    std::map<std::pair<dev_t, ino_t>, std::weak_ptr<shared_file>> known_;
};

} // namespace aio::log
