#pragma once

// The TLS contexts of the clients of one loop: made once for all connections with the same rules,
// and again when their files have changed. Private to net/.

#include <aio/async/loop.hpp>
#include <aio/async/task.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/net/tls_client.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/net/tls_files.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>

namespace aio::net {

class tls_contexts {
  public:
    using warning = std::function<void(const std::string& text)>;

    static constexpr std::size_t most = 100;
    /// How long files are believed to be the same.
    static constexpr base::duration look_again = std::chrono::seconds(10);

    /// The context for these rules. Files are read on a thread of `threads`. Changed files that
    /// cannot be used are told to `warn`, and the earlier context goes on.
    /// Completes: at once, or when the files have been looked at.
    /// Loop: `home`, that of all calls.
    /// Cancelled: at once; then operation_aborted.
    /// Throws: as tls_context::client(); async::pool_full.
    task<std::shared_ptr<const tls_context>>
    get(async::loop& home, async::worker_pool& threads, tls_client_rules rules, warning warn);

  private:
    struct entry {
        tls_client_rules rules;
        std::shared_ptr<const tls_context> context;
        file_stamps stamps;
        async::time_point looked;
    };

    /// What a thread has found.
    struct loaded {
        std::shared_ptr<const tls_context> context; ///< nullptr: nothing has changed, or `wrong`
        file_stamps stamps;
        std::string wrong;
    };

    static loaded load(const tls_client_rules& rules, const file_stamps* before);
    entry* find(const tls_client_rules& rules) noexcept;

    std::list<entry> all_; ///< the last one used first
};

} // namespace aio::net
