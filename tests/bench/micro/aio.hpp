#pragma once

namespace bench {

void filtered_log(double secs
); ///< nanoseconds a turn of a loop with a log call that is filtered out

} // namespace bench
