#pragma once

#include <aio/module.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace examples {

/// The sum of "2 + 2 + 3"; nothing for a line that is not whole numbers with a plus between them.
std::optional<long long> sum(std::string_view line);

/// What is answered to `text`, which has arrived so far. Nothing while it is no sum and may become
/// one: its line goes on, and the peer has not ended.
std::optional<std::string> answer(std::string_view text, bool ended);

// Answers as soon as a sum has arrived, with or without an end of the line, and closes.
class adder : public aio::protocol {
  public:
    void connection_made(aio::transport& transport) override { peer_ = &transport; }

    void data_received(std::span<const std::byte> data) override;
    bool eof_received() override;

  private:
    void reply(const std::optional<std::string>& text);

    aio::transport* peer_ = nullptr;
    std::string text_;
};

} // namespace examples
