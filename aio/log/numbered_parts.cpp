#include <aio/log/numbered_parts.hpp>

#include <fmt/format.h>

#include <exception>
#include <ranges>
#include <utility>

namespace aio::log {

void move_back(const part_folder& folder, const part_moves& moves) {
    for (const auto& [from, to] : std::views::reverse(moves))
        if (!folder.move(to, from))
            part_folder::refuse(from);
}

/// Moves of parts, which the destructor undoes unless they are kept.
class numbered_parts::undoable_moves {
  public:
    explicit undoable_moves(const part_folder& folder) : folder_(folder) {}

    undoable_moves(const undoable_moves&) = delete;
    undoable_moves& operator=(const undoable_moves&) = delete;

    ~undoable_moves() {
        try {
            move_back(folder_, done_);
        } catch (const std::exception&) {
            return; // the parts have new numbers, and none is lost
        }
    }

    void move(const std::string& from, const std::string& to) {
        done_.emplace_back(from, to);
        try {
            if (!folder_.move(from, to))
                part_folder::refuse(to);
        } catch (...) {
            done_.pop_back();
            throw;
        }
    }

    /// The move was made elsewhere.
    void add(const std::string& from, const std::string& to) { done_.emplace_back(from, to); }

    /// Returns them.
    part_moves keep() noexcept { return std::exchange(done_, {}); }

  private:
    const part_folder& folder_;
    part_moves done_;
};

std::string numbered_parts::part(unsigned number) const {
    return fmt::format("{}.{}", name_, number);
}

/// The first number from `number` on that no part has.
unsigned numbered_parts::first_free(unsigned number) const {
    while (folder_.has(part(number)))
        ++number;
    return number;
}

/// Number 0 becomes part 1, and so on. The oldest part is moved first.
void numbered_parts::make_older(undoable_moves& moves, std::vector<std::string>& surplus) const {
    unsigned free = first_free(1);
    if (free > limit_) {
        surplus.push_back(part(free));
        moves.move(part(limit_), surplus.back());
        free = limit_;
    }
    for (; free > 0; --free)
        moves.move(part(free - 1), part(free));
}

/// The file is moved to number 0 first: no part is touched before it is known that the file can be
/// moved. A number 0 that an interrupted turn has left becomes part 1. A file that was copied is
/// empty already: its copy keeps number 0 if the turn fails.
shifted_parts numbered_parts::shift() const {
    std::vector<std::string> surplus;
    undoable_moves moves(folder_);
    const bool interrupted = folder_.has(part(0));
    if (interrupted)
        make_older(moves, surplus);
    const unsigned made = folder_.has(part(1)) ? 0 : 1;
    if (!folder_.finish(name_, part(made)))
        part_folder::refuse(part(made));
    if (folder_.has(name_))
        moves.keep();
    else
        moves.add(name_, part(made));
    if (made == 0)
        make_older(moves, surplus);
    return {std::move(surplus), moves.keep()};
}

bool numbered_parts::full() const {
    const unsigned needed = folder_.has(part(0)) ? 2 : 1;
    unsigned free = 0;
    for (unsigned number = 1; number <= limit_ && free < needed; ++number)
        free += folder_.has(part(number)) ? 0 : 1;
    return free < needed;
}

} // namespace aio::log
