#pragma once

// A view of bytes that is made of whatever holds them: the pieces of a write, and what a stream
// shows without reading it.

#include <aio/net/chunk.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace aio::net {

class bytes {
  public:
    constexpr bytes() noexcept = default;

    constexpr bytes(std::span<const std::byte> data) noexcept : view_(data) {}

    bytes(std::string_view text) noexcept
        : view_(reinterpret_cast<const std::byte*>(text.data()), text.size()) {}

    bytes(const char* text) noexcept : bytes(std::string_view(text)) {}

    bytes(const std::string& text) noexcept : bytes(std::string_view(text)) {}

    bytes(const chunk& data) noexcept : view_(data) {}

    constexpr operator std::span<const std::byte>() const noexcept { return view_; }

    constexpr const std::byte* data() const noexcept { return view_.data(); }

    constexpr std::size_t size() const noexcept { return view_.size(); }

    constexpr bool empty() const noexcept { return view_.empty(); }

    std::string_view text() const noexcept {
        return {reinterpret_cast<const char*>(view_.data()), view_.size()};
    }

    /// At most size().
    constexpr void remove_prefix(std::size_t count) noexcept { view_ = view_.subspan(count); }

  private:
    std::span<const std::byte> view_;
};

} // namespace aio::net
