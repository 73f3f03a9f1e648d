#pragma once

// The configuration after every layer was merged: read-only, ordered, and every value knows where
// it came from. Built by config::load; what everything above reads.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::config {

class tree;
struct tree_state;

/// One option of one section as it is asked for there.
struct value {
    std::string name;             ///< folded option name
    std::string text;             ///< interpolated
    std::string raw;              ///< as written, before interpolation
    base::location where;         ///< of the option's name
    base::location text_where;    ///< of the first character of its value
    bool inherited = false;       ///< from [DEFAULT]
    bool secret = false;          ///< declared secret, read from a file, or made of such a value
    bool declared_secret = false; ///< secret as it is written, not only because of what it uses
    bool good = true; ///< false: interpolation failed, `problem` says why, `text` is empty
    std::shared_ptr<const base::diagnostic> problem;
};

/// A value that a later layer replaced.
struct overridden {
    base::location where;
    std::string raw;
};

/// A section with its options: own ones by first appearance, then inherited ones. Values are
/// interpolated when the section is first asked for them; asking is safe from any thread.
class AIO_API section {
  public:
    section(const section&) = delete;
    section& operator=(const section&) = delete;

    const std::string& name() const noexcept { return name_; }

    base::location where() const noexcept; ///< of its header
    /// Option names fold; nothing when the section has no such option, inherited ones included.
    const value* find(std::string_view option) const;
    std::span<const value> values() const;
    /// What follows the first slash of the name: "tick" of [schedule/tick]; the name without one.
    std::string_view label() const noexcept;
    /// Where line `index` (0: the first) of a value's raw text stands in its file.
    base::location line_of(const value& of, std::size_t index) const;
    /// Where byte `offset` of a value's text stands; the value's beginning when interpolation made
    /// another text of it.
    base::location place_of(const value& of, std::size_t offset) const;
    /// Learnt from who reads the section: its option is a secret. Shown only once
    /// tree::mask_learnt() was called.
    void learn_secret(std::string_view option) const;
    /// The same of a text that no file says: the default of an option that is a secret.
    void learn_secret_text(std::string text) const;
    /// What lower layers said about an option, the topmost first.
    std::vector<overridden> replaced(const value& by) const;

  private:
    friend class tree;
    friend struct tree_state;

    section() = default;

    tree_state* owner_ = nullptr;
    std::uint32_t index_ = 0;
    std::string name_;
    // Filled once, under the owner's lock.
    mutable std::atomic<bool> filled_ = false;
    mutable std::vector<value> values_;
    mutable std::vector<std::uint32_t> by_name_; // of values_, when there are many
};

/// Sections in order of first appearance, [DEFAULT] apart. Copies share.
class AIO_API tree {
  public:
    tree(); ///< empty
    explicit tree(std::shared_ptr<tree_state> of);

    const section* find(std::string_view name) const noexcept;
    const value* find(std::string_view section, std::string_view option) const;
    std::span<const section> sections() const noexcept; ///< without [DEFAULT]
    const section& defaults() const noexcept;           ///< [DEFAULT], empty when never written
    /// The sections whose name is `kind` + "/" + something, in order.
    std::vector<const section*> of_kind(std::string_view kind) const;
    /// Interpolates every value of every section and reports each mistake once, in the order
    /// [DEFAULT], sections, options.
    void check(base::diagnostics& to) const;
    /// From now on the options that learn_secret() was told of are secrets, and so is every value
    /// that uses one. Values handed out stay where they are; nobody else may read the tree now.
    void mask_learnt();
    /// What learn_secret_text() was told.
    std::vector<std::string> secret_defaults() const;

  private:
    std::shared_ptr<tree_state> state_;
};

} // namespace aio::config
