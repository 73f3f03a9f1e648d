#pragma once

// The life of a connection with callbacks, as a table. Private to net/.

#include <cstdint>

namespace aio::net {

/// In order: a life only goes forward, and leaves out what it does not come to.
enum class transport_phase : std::uint8_t {
    open,
    shut,     ///< our side ends when nothing is kept
    broken,   ///< the peer takes nothing any more; what it has sent before is handed over
    closing,  ///< the connection ends when nothing is kept
    failed,   ///< the connection is reset at the next chance
    ended,    ///< connection_lost was called; the socket may linger
    departing ///< the object ends at its turn in the poller's queue
};

/// The phase after `asked` was asked for. What would go back has no effect. One that is broken does
/// not end in good order.
constexpr transport_phase advance(transport_phase phase, transport_phase asked) noexcept {
    if (phase == transport_phase::broken && asked == transport_phase::closing)
        return transport_phase::failed;
    return asked > phase ? asked : phase;
}

/// The protocol may write.
constexpr bool takes_data(transport_phase phase) noexcept {
    return phase == transport_phase::open;
}

/// The protocol may be handed what the peer sends.
constexpr bool hands_over(transport_phase phase) noexcept {
    return phase <= transport_phase::broken;
}

/// connection_lost is due, with or without data that is `kept`.
constexpr bool is_due_to_end(transport_phase phase, bool kept) noexcept {
    return phase == transport_phase::failed || (phase == transport_phase::closing && !kept);
}

} // namespace aio::net
