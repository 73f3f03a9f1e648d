#pragma once

// The parts of a configuration that must not appear in a message.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/secrets.hpp>
#include <aio/config/tree.hpp>

namespace aio::config {

/// The texts of all secret values, interpolated and, where that is secret too, as written, and of
/// secret defaults that are in use.
AIO_API base::secret_texts secret_texts_of(const tree& all);

/// The messages without secrets. Their lines are masked too, also for values that were not known to
/// be secret when the message was made.
AIO_API base::diagnostics masked(const base::diagnostics& all, const tree& configuration);

} // namespace aio::config
