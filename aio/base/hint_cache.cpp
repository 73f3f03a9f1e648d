#include <aio/base/hint_cache.hpp>

namespace aio::base {

std::string hint_cache::get(const std::string& key, const std::function<std::string()>& search) {
    if (const auto found = known_.find(key); found != known_.end())
        return found->second;
    if (known_.size() >= most)
        return {};
    return known_.emplace(key, search()).first->second;
}

} // namespace aio::base
