#include <aio/app/blockage.hpp>

#include <utility>

namespace aio::app {

blockage_news blockage::look(base::duration busy, base::duration limit) noexcept {
    if (busy >= limit) {
        longest_ = busy;
        return std::exchange(reported_, true) ? blockage_news::none : blockage_news::begins;
    }
    return std::exchange(reported_, false) ? blockage_news::over : blockage_news::none;
}

} // namespace aio::app
