#pragma once

// The beans of one app. Private to bean/.

#include <aio/async/task.hpp>
#include <aio/base/units.hpp>
#include <aio/bean/signal.hpp>
#include <aio/service/runtime.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aio::bean {

class bean;

/// Filled while the app is prepared, read only afterwards.
class pod {
  public:
    /// The pod of an app. It is made at the first call, before anything runs.
    static std::shared_ptr<pod> of(service::runtime& app);

    void add(bean& member);
    void remove(bean& member) noexcept;

    const std::vector<bean*>& all() const noexcept { return all_; }

    /// Throw std::out_of_range.
    bean& find(std::size_t id) const;
    std::vector<bean*> labelled(std::string_view label) const;

    /// As context::send_signal(); the pod stays until all handlers have ended.
    static task<std::size_t> send(std::shared_ptr<pod> target, signal sent, base::list labels);

  private:
    std::vector<bean*> all_; ///< by id
};

/// The id of a section: its number among those that are enabled.
std::size_t id_of(const service::runtime& app, std::string_view section);

} // namespace aio::bean
