#pragma once

// The life of a datagram socket, as a table. Private to net/.

#include <array>
#include <cstddef>
#include <cstdint>

namespace aio::net {

enum class datagram_phase : std::uint8_t {
    open,      ///< receives
    draining,  ///< hands over what had arrived when its input ended
    finishing, ///< the same, and closes after that
    drained,   ///< has nothing left to hand over; still sends
    closing    ///< connection_lost is due
};

enum class datagram_event : std::uint8_t {
    input_ends, ///< the system keeps new datagrams out
    emptied,    ///< the socket is empty, or cannot be read
    finish,     ///< asked to close once everything is handed over
    close       ///< asked to close
};

/// The phase after an event.
constexpr datagram_phase after(datagram_phase phase, datagram_event event) noexcept {
    using enum datagram_phase;
    // Columns: input_ends, emptied, finish, close.
    constexpr std::array<std::array<datagram_phase, 4>, 5> table{{
        {draining, open, closing, closing},       // open
        {draining, drained, finishing, closing},  // draining
        {finishing, closing, finishing, closing}, // finishing
        {drained, drained, closing, closing},     // drained
        {closing, closing, closing, closing},     // closing
    }};
    return table[static_cast<std::size_t>(phase)][static_cast<std::size_t>(event)];
}

/// Datagrams that the socket holds are handed over.
constexpr bool receives(datagram_phase phase) noexcept {
    return phase < datagram_phase::drained;
}

} // namespace aio::net
