#pragma once

// A tree of services: a chat with its connections and a cache of users, and protocols that use it
// from loops of their own. The sample is etc/chat.conf.

#include <aio/module.hpp>

#include <cstddef>

namespace examples {

/// Counts who is connected.
class websockets : public aio::service_base {
  public:
    void joined() { ++open_; }

    void left() { --open_; }

    std::size_t open() const { return open_; }

  private:
    aio::task<void> on_stop() override;

    std::size_t open_ = 0;
};

/// Refreshed every so often.
class user_cache : public aio::service_base {
  public:
    std::size_t users() const { return users_; }

  private:
    aio::task<void> on_start() override;
    aio::task<void> refresh();

    std::size_t users_ = 0;
};

/// The parent of both.
class chat : public aio::service_base {
  public:
    chat();

    examples::websockets& websockets;
    user_cache& users;

  private:
    aio::task<void> on_start() override;
};

/// Joins, sends back what is said, leaves.
aio::task<void> chat_line(aio::stream stream, aio::server_context context);
/// One line about the chat, whatever was asked.
aio::task<void> chat_page(aio::stream stream, aio::server_context context);

} // namespace examples
