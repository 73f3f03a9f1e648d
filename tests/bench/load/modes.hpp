#pragma once

// The kinds of load, one file each. Each prints one line of JSON whose "value" is the headline of
// its scenario, or throws.

#include "options.hpp"

namespace bench {

void echo(const options& asked);  ///< S1, S2: messages on standing connections
void churn(const options& asked); ///< S3: connect, one exchange, close
void idle(const options& asked);  ///< S5: memory of silent connections
void start(const options& asked); ///< S6: from exec to the first connection
void stop(const options& asked);  ///< S9: SIGTERM under open connections
void udp(const options& asked);   ///< S10: datagrams
void cpu(const options& asked);   ///< S8: share of a core that a process uses

} // namespace bench
