#pragma once

// The numbered parts of a log file that is rotated by its size: part 1 is the newest.

#include <aio/base/api.hpp>
#include <aio/log/part_folder.hpp>

#include <string>
#include <utility>
#include <vector>

namespace aio::log {

/// Moves of files, from one name to another, in their order.
using part_moves = std::vector<std::pair<std::string, std::string>>;

/// Undoes the moves. Throws std::system_error at the first move that cannot be undone.
AIO_API void move_back(const part_folder& folder, const part_moves& moves);

struct shifted_parts {
    std::vector<std::string> surplus; ///< parts that are too old
    part_moves moves;
};

/// All members throw std::system_error.
class AIO_API numbered_parts {
  public:
    /// Of the log file `name` in `folder`, which has to outlive the object. Numbers up to `limit`
    /// are kept.
    numbered_parts(const part_folder& folder, std::string name, unsigned limit)
        : folder_(folder), name_(std::move(name)), limit_(limit) {}

    /// Makes part 1 of the file; each part up to the first free number becomes one older. The parts
    /// that are too old get free numbers above the limit. Parts of a larger limit are not touched.
    /// After an exception all parts have their old names.
    shifted_parts shift() const;
    /// Whether shift() would make a part too old.
    bool full() const;

  private:
    class undoable_moves;

    std::string part(unsigned number) const;
    unsigned first_free(unsigned number) const;
    void make_older(undoable_moves& moves, std::vector<std::string>& surplus) const;

    const part_folder& folder_;
    std::string name_;
    unsigned limit_;
};

} // namespace aio::log
