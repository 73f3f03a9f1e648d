#include <aio/net/file_watch.hpp>

namespace aio::net {

bool file_watch::look(const file_stamps& now) {
    seen_ = now;
    std::string path = net::changed(read_, seen_);
    if (path.empty())
        return false;
    changed_ = std::move(path);
    return true;
}

void file_watch::loaded() {
    read_ = seen_;
    told_of_.clear();
    told_.clear();
}

bool file_watch::failed(const std::string& why) {
    const bool known = told_ == why && told_of_ == seen_;
    told_ = why;
    told_of_ = seen_;
    return !known;
}

} // namespace aio::net
