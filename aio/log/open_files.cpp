#include <aio/log/open_files.hpp>

namespace aio::log {

std::shared_ptr<shared_file> open_files::state_of(const struct stat& file, bool torn) {
    const std::lock_guard guard(lock_);
    std::erase_if(known_, [](const auto& each) { return each.second.expired(); });
    auto& known = known_[{file.st_dev, file.st_ino}];
    auto state = known.lock();
    if (!state) {
        state = std::make_shared<shared_file>();
        state->torn = torn;
        known = state;
    }
    return state;
}

} // namespace aio::log
