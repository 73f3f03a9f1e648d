#pragma once

// Removes secrets from messages. The code that writes a message does not know which parts of it are
// secret, so secrets are searched for in the finished message.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>

#include <set>
#include <string>
#include <string_view>

namespace aio::base {

/// Texts that must not appear in a message. The search ignores case, because names are folded.
class AIO_API secret_texts {
  public:
    /// Adds a secret value. The whole value is hidden, each of its lines and entries, and the parts
    /// before and after the colon of `unix:/path`.
    void add(std::string_view text);

    bool empty() const noexcept { return texts_.empty(); }

    /// Replaces every secret of four letters or more by `********`. Shorter secrets are replaced
    /// only in quotes, so that the rest of the message stays readable.
    std::string mask(std::string_view message) const;

    /// The same for a message about a secret: also hides each word of a secret, and every quotation
    /// from one.
    std::string mask_closely(std::string_view message) const;

  private:
    struct longest_first {
        bool operator()(const std::string& a, const std::string& b) const noexcept {
            return a.size() != b.size() ? a.size() > b.size() : a < b;
        }
    };

    using texts = std::set<std::string, longest_first>;

    static void insert(texts& into, std::string_view text);

    // In lower case.
    texts texts_, words_;
    texts values_; ///< whole values
};

/// The message and its hint without secrets. A message about a line that holds a secret is searched
/// for parts of it as well.
AIO_API diagnostic masked(const diagnostic& message, const secret_texts& secrets);

} // namespace aio::base
