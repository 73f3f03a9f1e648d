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

void serve(const options& asked);      ///< S15: an echo server for the clients under test
void handshakes(const options& asked); ///< S16: TLS handshakes, whole or resumed ones
void bulk(const options& asked);       ///< S16: a file over TLS
void flood(const options& asked);      ///< S18: handshakes that are begun and left, beside others
void deaf(const options& asked);       ///< S19: peers that never read, beside others

} // namespace bench
