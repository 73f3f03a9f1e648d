#pragma once

// One section of the log configuration on its way to a spec. Private to read_spec.cpp and
// read_handler.cpp.

#include <aio/base/diagnostic.hpp>
#include <aio/config/options.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>
#include <aio/log/level.hpp>
#include <aio/log/name_list.hpp>
#include <aio/log/short_way.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::log {

/// One section with its options; says where things stand.
class section_reader {
  public:
    using schemas = std::vector<const config::schema*>;

    section_reader(
        const config::section& from,
        const schemas& by,
        std::size_t prefix,
        base::diagnostics& problems
    )
        : from_(from), to_(problems), name_(from.name().substr(prefix)),
          options_(config::read(from, by, config::unknown::error, problems)) {}

    const std::string& name() const noexcept { return name_; }

    base::location where() const { return from_.where(); }

    const config::options& options() const noexcept { return options_; }

    /// Written and interpolated well, or nothing.
    const config::value* value(std::string_view option) const {
        const config::value* found = from_.find(option);
        return found && found->good ? found : nullptr;
    }

    base::location place(const config::value& option, std::size_t offset = 0) const {
        return from_.place_of(option, offset);
    }

    std::vector<placed_name> names(std::string_view option) const {
        const config::value* found = value(option);
        return found ? read_names(from_, *found) : std::vector<placed_name>{};
    }

    void error(base::location where, std::string_view text, std::string hint = {}) const {
        to_.error(std::move(where), fmt::format("[{}] {}", from_.name(), text), std::move(hint));
    }

    std::optional<level> level_of(std::string_view option) const {
        const config::value* found = value(option);
        // A bad [aio] log_level is said there, once.
        if (!found || (is_log_level(found->raw) && !parse_level(found->text)))
            return std::nullopt;
        const std::optional<level> at = parse_level(found->text);
        if (!at)
            error(place(*found), unknown_level(found->text), level_hint(found->text));
        return at;
    }

  private:
    static bool is_log_level(std::string_view raw) {
        return raw == "${aio:log_level}" || raw == "$<aio:log_level>";
    }

    const config::section& from_;
    base::diagnostics& to_;
    std::string name_;
    config::options options_;
};

} // namespace aio::log
