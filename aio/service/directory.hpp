#pragma once

// What sections offer to the code of others, by the names of the sections: `[client/bank]` offers
// how to connect to the bank, and `event.use<aio::dialer>("bank")` finds it.

#include <aio/base/api.hpp>

#include <any>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace aio::service {

/// All members may be called from any loop.
class AIO_API directory {
  public:
    directory() = default;
    directory(const directory&) = delete;
    directory& operator=(const directory&) = delete;

    /// Until remove(); replaces an earlier offer of the section.
    void add(std::string section, std::any offer);

    void remove(std::string_view section) noexcept;

    /// A copy of the offer of a section; T{} when it offers no T.
    template <typename T>
    T find(std::string_view section) const {
        const std::any found = look(section);
        const T* offer = std::any_cast<T>(&found);
        return offer ? *offer : T{};
    }

  private:
    std::any look(std::string_view section) const;

    mutable std::mutex guard_;
    std::map<std::string, std::any, std::less<>> offers_;
};

} // namespace aio::service
