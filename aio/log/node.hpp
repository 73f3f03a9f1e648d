#pragma once

// A logger of the tree and the route its records take. Only tree.cpp makes them.

#include <aio/base/secrets.hpp>
#include <aio/log/complaints.hpp>
#include <aio/log/handler.hpp>
#include <aio/log/logger.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace aio::log {

using handlers = std::vector<std::shared_ptr<handler>>;

/// The configuration of one logger; guarded by the lock of the tree.
struct settings {
    std::optional<level> at;
    handlers own;
    bool propagate = true;
};

/// Where records go, and which texts are hidden in them.
struct route {
    handlers to;
    std::shared_ptr<const base::secret_texts> hidden; ///< null: nothing
};

class node final : public logger {
  public:
    using find_child = std::function<logger&(const node&, std::string_view)>;

    node(std::string name, node* parent, complaints& complaints, find_child find);

    logger& child(std::string_view relative) override { return find_(*this, relative); }

    node* parent() const noexcept { return parent_; }

    bool is_root() const noexcept { return parent_ == nullptr; }

    // Under the tree's lock.
    settings configured;
    bool stays = false;       ///< it is configured, or a caller holds a reference to it
    std::size_t lent = 0;     ///< holders that will give it back
    std::size_t children = 0; ///< nodes below it
    level effective() const noexcept;
    /// Computes again where records go. `always` are handlers outside the configuration.
    void reroute(const handlers& always, std::shared_ptr<const base::secret_texts> hidden);

  protected:
    void write(level severity, fmt::string_view format, fmt::format_args args) override;

  private:
    std::shared_ptr<const route> way();
    template <typename Work>
    void guarded(Work work) noexcept;

    node* parent_;
    complaints& complaints_;
    find_child find_;
    // A lock of its own, held for the copy of a pointer: std::atomic<std::shared_ptr> of this
    // library is a lock as well, and one the thread sanitizer does not understand.
    std::mutex route_lock_;
    std::shared_ptr<const route> route_;
};

} // namespace aio::log
