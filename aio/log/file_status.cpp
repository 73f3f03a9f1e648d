#include <aio/log/file_status.hpp>

#include <tuple>

namespace aio::log {

open_target open_replacement(
    const target& what, const std::string& shown, const std::optional<base::file_rights>& rights
) {
    if (!rights)
        return open(what, beginning::keep, shown);
    // nobody gets more than the owner's rights until give_rights() gives the rest
    open_target made = open(what, beginning::keep, shown, rights->mode & S_IRWXU);
    if (made.created)
        std::ignore = base::give_rights(made.file.get(), *rights);
    return made;
}

} // namespace aio::log
