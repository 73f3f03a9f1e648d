#pragma once

// The merged configuration: read-only, ordered, and with the origin of every value. config::load
// builds it; all higher floors read it.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::config {

class tree;
struct tree_state;

/// An option as read in a section.
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
    base::location line_of(const value& option, std::size_t index) const;
    /// Where byte `offset` of a value's text stands; the value's beginning when interpolation made
    /// another text of it.
    base::location place_of(const value& option, std::size_t offset) const;
    /// Marks an option of this section as a secret, on behalf of the code that reads the section.
    /// It is masked from the next call of tree::mask_learnt() on.
    void learn_secret(std::string_view option) const;
    /// The same for a text that is in no file: the default of a secret option.
    void learn_secret_text(std::string text) const;
    /// The values of an option in lower layers, the topmost first.
    std::vector<overridden> replaced(const value& winner) const;

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

/// A file that ${file:…} named, with the option that holds the reference.
struct inserted_file {
    std::string path; ///< relative to the current folder
    std::string section, option;
    base::location where;
};

/// Sections in order of first appearance, [DEFAULT] apart. Copies share.
class AIO_API tree {
  public:
    tree(); ///< empty
    explicit tree(std::shared_ptr<tree_state> state);

    const section* find(std::string_view name) const noexcept;
    const value* find(std::string_view section, std::string_view option) const;
    std::span<const section> sections() const noexcept; ///< without [DEFAULT]
    const section& defaults() const noexcept;           ///< [DEFAULT], empty when never written
    /// The sections whose name is `kind` + "/" + something, in order.
    std::vector<const section*> of_kind(std::string_view kind) const;
    /// Interpolates every value of every section and reports each mistake once, in the order
    /// [DEFAULT], sections, options. `explained` is asked about a section that is referred to and
    /// missing: whether another message says why, so that the reference is not reported.
    void check(
        base::diagnostics& problems,
        const std::function<bool(std::string_view section)>& explained = {}
    ) const;
    /// Makes every option passed to learn_secret() a secret, and every value that uses one. Values
    /// handed out before stay valid. No other thread may read the tree during the call.
    void mask_learnt();
    /// The files that the configuration was read from, also those that hold no option: the defaults
    /// of modules, and the user's with their includes.
    std::span<const std::shared_ptr<const base::source>> files() const noexcept;
    /// The files that the values evaluated so far have inserted, each once; all after check().
    std::vector<inserted_file> inserted_files() const;
    /// The texts passed to learn_secret_text().
    std::vector<std::string> secret_defaults() const;

  private:
    std::shared_ptr<tree_state> state_;
};

} // namespace aio::config
