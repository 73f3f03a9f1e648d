#pragma once

namespace aio::testing {

/// A direction of a connection.
enum class toward { server, client };

} // namespace aio::testing
