#include <aio/log/time_text.hpp>

namespace aio::log {

std::string_view time_text::at(std::time_t seconds) {
    if (known_ && seconds == seconds_)
        return text_;
    std::tm parts{};
    if (in_ == zone::utc)
        gmtime_r(&seconds, &parts);
    else
        localtime_r(&seconds, &parts);
    text_.resize(64 + form_.size() * 8);
    text_.resize(std::strftime(text_.data(), text_.size(), form_.c_str(), &parts));
    seconds_ = seconds;
    known_ = true;
    return text_;
}

} // namespace aio::log
