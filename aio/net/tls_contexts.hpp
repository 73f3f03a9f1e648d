#pragma once

// The TLS contexts of the clients of one loop: made once for all connections with the same rules,
// and again when their files have changed. Private to net/.

#include <aio/async/event.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/base/api.hpp>
#include <aio/net/file_watch.hpp>
#include <aio/net/tls_client.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/net/tls_files.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace aio::net {

class AIO_API tls_contexts {
  public:
    using warning = std::function<void(const std::string& text)>;

    static constexpr std::size_t most = 100;

    struct times {
        /// How long files are believed to be the same.
        base::duration look_again = std::chrono::seconds(10);
        /// How long a connection waits for a look at files that it knows already. What a later
        /// answer says counts for the next connection.
        base::duration patience = std::chrono::milliseconds(100);

        times() = default;
    };

    tls_contexts() = default;

    explicit tls_contexts(const times& limits) : times_(limits) {}

    /// The context for these rules. Files are read on a thread of `threads`. Changed files that
    /// cannot be used are told to `warn`, once for each change and reason. They are read again at
    /// each look, and the earlier context goes on.
    /// Completes: at once, or when the files have been looked at.
    /// Loop: `home`, that of all calls.
    /// Cancelled: at once; then operation_aborted. A look that has begun goes on.
    /// Throws: as tls_context::client(); async::pool_full.
    task<std::shared_ptr<const tls_context>>
    get(async::loop& home, async::worker_pool& threads, tls_client_rules rules, warning warn);

  private:
    /// What is known of some rules. Those who wait for a look keep it.
    struct entry {
        explicit entry(tls_client_rules rules_) : rules(std::move(rules_)) {}

        bool is_fresh(async::time_point now, base::duration look_again) const noexcept;

        const tls_client_rules rules;
        std::shared_ptr<const tls_context> context; ///< nullptr: not read yet
        std::optional<file_watch> files;            ///< from the first reading on
        async::time_point looked{};
        async::event answered; ///< set unless a look is under way
        std::exception_ptr why;
    };

    /// What a thread has found. Neither a context nor an error: nothing has changed.
    struct found {
        file_watch files;
        std::shared_ptr<const tls_context> context;
        std::exception_ptr wrong;
    };

    static found look(const tls_client_rules& rules, const std::optional<file_watch>& before);
    static void note(entry& of_rules, found answer, const warning& warn);
    static task<void> look_once(
        async::loop& home, async::worker_pool& threads, std::shared_ptr<entry> mine, warning warn
    );
    std::shared_ptr<entry> find(tls_client_rules rules);

    const times times_;
    std::list<std::shared_ptr<entry>> all_; ///< the last one used first
    std::unique_ptr<async::task_group> looks_;
};

/// The errno for what get() throws: ENOKEY when files cannot be used, another one for a reason that
/// passes.
AIO_API int errno_of_files(const std::exception& why) noexcept;

} // namespace aio::net
