#pragma once

// What is counted for each name and pattern, and how long it is kept. Private to signal/.

#include <aio/base/api.hpp>
#include <aio/signal/statistics.hpp>

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

namespace aio::signal {

/// The counters of all names of one table. A name keeps its counters while it has listeners, and
/// while it is among the `most_ended` names that lost their last listener most recently. The
/// counters of older ones are added up under `ended_title`: names that are made at run time, one
/// for each connection, take no memory for good. Not thread-safe.
class AIO_API count_book {
  public:
    static constexpr std::size_t most_ended = 256;
    static constexpr const char* ended_title = "(names without listeners)";

    /// The counters of a name that has a listener, or is about to get one.
    const std::shared_ptr<counters>& of(const std::string& name);

    void listener_added(const std::string& name);
    void listener_removed(const std::string& name);

    /// Adds one row for each name, and one for the names that were given up.
    void report(std::map<std::string, signal_statistics>& rows) const;

    /// How many names have counters of their own.
    std::size_t size() const noexcept { return entries_.size(); }

  private:
    struct entry {
        std::shared_ptr<counters> counts = std::make_shared<counters>();
        std::size_t listeners = 0;
        bool is_ended = false;
        std::list<std::string>::iterator ended; ///< its place in ended_, when it is there
    };

    void give_up_old();

    std::unordered_map<std::string, entry> entries_;
    std::list<std::string> ended_; ///< names without listeners, oldest first
    signal_statistics given_up_;
};

} // namespace aio::signal
