#pragma once

// What configparser's object would hold after reading some files, on top of our own layers and
// interpolation; and the operations it has. For comparing, not for use.

#include <boost/json/fwd.hpp>

#include <string>

namespace aio::tests {

/// Request: {"id", "files": ["text" | {"name", "text" | "b64"}], "ops": [[name, argument...]]}.
/// Answer: parsed, ok, sections, raw, order, origins, errors_all, ops.
std::string answer(const boost::json::object& request);

} // namespace aio::tests
