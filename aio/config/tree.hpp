#pragma once

// The configuration after every layer was merged: read-only, ordered, and every value knows where
// it came from. Built by config::load; what everything above reads.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::config {

/// One option of one section as it is asked for there.
struct value {
    std::string name;          ///< folded option name
    std::string text;          ///< interpolated
    std::string raw;           ///< as written, before interpolation
    base::location where;      ///< of the option's name
    base::location text_where; ///< of the first character of its value
    bool inherited = false;    ///< from [DEFAULT]
    bool secret = false;       ///< declared secret, read from a file, or made of such a value
    bool good = true;          ///< false: interpolation failed, it is reported, `text` is empty
};

/// A section with its options: own ones by first appearance, then inherited ones.
class AIO_API section {
  public:
    const std::string& name() const noexcept;
    base::location where() const noexcept; ///< of its header
    /// Option names fold; nothing when the section has no such option, inherited ones included.
    const value* find(std::string_view option) const noexcept;
    std::span<const value> values() const noexcept;
    /// What follows the first slash of the name: "tick" of [schedule/tick]; the name without one.
    std::string_view label() const noexcept;
    /// Where line `index` (0: the first) of a value's raw text stands in its file.
    base::location line_of(const value& of, std::size_t index) const;
};

/// Sections in order of first appearance, [DEFAULT] apart. Copies share.
class AIO_API tree {
  public:
    const section* find(std::string_view name) const noexcept;
    std::span<const section> sections() const noexcept; ///< without [DEFAULT]
    const section& defaults() const noexcept;           ///< [DEFAULT], empty when never written
    /// The sections whose name is `kind` + "/" + something, in order.
    std::vector<const section*> of_kind(std::string_view kind) const;
};

} // namespace aio::config
