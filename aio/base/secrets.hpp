#pragma once

// Takes secrets out of messages. A message is made by whoever found a mistake, out of whatever was
// wrong; what of it is secret is known elsewhere, so it is looked for once the message is there.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>

#include <set>
#include <string>
#include <string_view>

namespace aio::base {

/// Texts that must not be read in a message. Found whatever their case, because names are folded.
class AIO_API secret_texts {
  public:
    /// A secret value: hidden are the whole of it, each of its lines and entries, and what stands
    /// on either side of the colon in `unix:/path`.
    void add(std::string_view text);

    bool empty() const noexcept { return texts_.empty(); }

    /// `********` for every secret of four letters or more, and for a shorter one in quotes: the
    /// rest of the message is to stay legible.
    std::string mask(std::string_view message) const;

    /// A message about a secret itself: each word of one is hidden as well, and whatever is quoted
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
    texts values_; ///< the whole ones
};

/// The message and its hint without them; closely when it is about a line that holds a secret.
AIO_API diagnostic masked(const diagnostic& one, const secret_texts& secrets);

} // namespace aio::base
