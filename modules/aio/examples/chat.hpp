#pragma once

// A tree of services: a chat and its three children. The sample is etc/chat.conf.

#include <aio/module.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace examples {

class chat;

/// The users that have said something within the last minute.
class user_cache : public aio::service_base {
  public:
    void seen(const std::string& name);

    std::size_t size() const { return seen_.size(); }

  private:
    aio::task<void> on_start() override;
    aio::task<void> on_stop() override;
    aio::task<void> remove_expired();

    std::map<std::string, std::chrono::steady_clock::time_point> seen_;
};

/// Greets the name in each line that a client sends.
class websockets : public aio::tcp_service {
  public:
    websockets(chat& owner, std::int64_t port) : tcp_service("127.0.0.1", port), chat_(owner) {}

  private:
    aio::task<void> serve(aio::stream stream) override;

    chat& chat_;
};

/// Serves a page about the chat. It runs on a thread of its own.
class webserver : public aio::tcp_service {
  public:
    webserver(chat& owner, std::int64_t port) : tcp_service("127.0.0.1", port), chat_(owner) {}

  private:
    aio::task<void> serve(aio::stream stream) override;

    chat& chat_;
};

/// The parent. Its children start after it, in this order, and stop before it, in reverse.
class chat : public aio::service_base {
  public:
    explicit chat(const aio::service_context& context);

    examples::websockets& websockets;
    webserver& web;
    user_cache& users;
};

} // namespace examples
