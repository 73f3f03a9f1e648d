#pragma once

// The start order of services: dependencies first, otherwise the order of the configuration.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/service/unit.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace aio::service {

/// Why a section of the configuration does not start.
enum class absence {
    disabled, ///< to depend on it is an error
    broken,   ///< has errors of its own, reported already: to depend on it is no further one
};

using absentees = std::map<std::string, absence, std::less<>>;

/// The start order, as indices into `units`. Unknown and disabled dependencies and each cycle (`a
/// -> b -> a`) are reported where they are written; after such a report the order must not be used
/// to start.
AIO_API std::vector<std::size_t>
order(std::span<const common_spec> units, const absentees& absent, base::diagnostics& problems);
AIO_API std::vector<std::size_t>
order(std::span<const common_spec> units, base::diagnostics& problems);

/// A hint for an unknown name: "db" may be meant as "service/db", because names are those of
/// sections.
AIO_API std::string hint_for(const std::string& name, const std::vector<std::string>& known);

} // namespace aio::service
