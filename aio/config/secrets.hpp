#pragma once

// What of a configuration must not be read in a message about it.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/secrets.hpp>
#include <aio/config/tree.hpp>

namespace aio::config {

/// The texts of all secret values, as they are written where that is secret too, and of secret
/// defaults that count.
AIO_API base::secret_texts secret_texts_of(const tree& in);

/// The messages without them; their lines are masked also where it was not known to be a secret
/// when the message was made.
AIO_API base::diagnostics masked(const base::diagnostics& all, const tree& in);

} // namespace aio::config
