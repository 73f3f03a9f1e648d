#pragma once

// What is known about host names: when to ask the system's resolver, whom an answer serves, and
// how long it is good for. Pure: the resolver (net/resolver) does the lookups.

#include <aio/async/clock.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/address.hpp>

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace aio::net {

/// What a lookup is for. Names are compared without case.
struct AIO_API name_key {
    name_key(std::string name, family wanted);

    std::string name;
    family wanted; ///< family::none: all

    friend auto operator<=>(const name_key&, const name_key&) = default;
};

enum class lookup_trouble : std::uint8_t {
    no_such_name, ///< the name has no address: a good answer
    resolver,     ///< the resolver does not work, or does not reach the servers it needs
    local         ///< this process lacks memory, threads or descriptors: says nothing of the name
};

struct lookup_failure {
    lookup_trouble kind;
    std::exception_ptr why;
};

using lookup_result = std::variant<std::vector<address>, lookup_failure>;

class AIO_API name_cache {
  public:
    struct rules {
        base::duration good = std::chrono::seconds(5); ///< an answer is used that long
        base::duration bad = std::chrono::seconds(1);  ///< a failure, too
        /// When the resolver fails, its last good answer serves up to this age.
        base::duration last_good = std::chrono::minutes(5);
        /// The wait for an answer.
        base::duration timeout = std::chrono::seconds(10);
        /// The same while there is a last good answer (RFC 8767, section 5).
        base::duration timeout_with_last_good = std::chrono::milliseconds(1800);
        /// More names push out those that were not asked for the longest time.
        std::size_t most_names = 1000;
    };

    /// Use these addresses.
    struct use {
        std::vector<address> found;
        /// The age of a last good answer that serves because the resolver fails; nothing: it is
        /// an answer in its time.
        std::optional<base::duration> age;
    };

    struct fail {
        std::exception_ptr why;
    };

    /// Wait for the lookup that is on its way, for `limit` at most.
    struct wait {
        base::duration limit;
    };

    /// The same, but begin the lookup first. ended() has to follow.
    struct begin {
        base::duration limit;
    };

    using answer = std::variant<use, fail, wait, begin>;

    explicit name_cache(rules rules);

    answer ask(const name_key& key, async::time_point now);
    /// The lookup of `key` has ended, or could not begin. Returns what those get who wait: `use` or
    /// `fail`.
    answer ended(const name_key& key, lookup_result result, async::time_point now);
    /// What becomes of someone whose wait is over without an answer: `use` or `fail`.
    answer too_late(const name_key& key, async::time_point now) const;

    std::size_t size() const noexcept { return entries_.size(); }

  private:
    struct entry {
        name_key key;
        std::vector<address> found; ///< the last good answer; empty: there is none
        async::time_point found_at{};
        std::exception_ptr why; ///< the last lookup failed
        async::time_point failed_at{};
        std::optional<async::time_point> begun; ///< a lookup is on its way since
    };

    using order = std::list<entry>;

    entry& touch(const name_key& key);
    void make_room();
    bool serves(const entry& known, async::time_point now) const noexcept;
    answer last_good_or(const entry& known, std::exception_ptr why, async::time_point now) const;

    rules rules_;
    order entries_; ///< those asked for last are at the end
    std::map<name_key, order::iterator> index_;
};

} // namespace aio::net
