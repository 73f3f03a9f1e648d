#include "chat.hpp"

namespace examples {

aio::task<void> websockets::on_stop() {
    log().info("{} connections are left", open_);
    co_return;
}

aio::task<void> user_cache::on_start() {
    every(context().option<aio::duration>("refresh"), [this] { return refresh(); }, true);
    co_return;
}

aio::task<void> user_cache::refresh() {
    ++users_;
    log().info("refreshed, {} users", users_);
    co_return;
}

chat::chat()
    : websockets(add_child(std::make_unique<examples::websockets>(), "websockets")),
      users(add_child(std::make_unique<user_cache>(), "users")) {}

aio::task<void> chat::on_start() {
    context().set("chat", this); // for those who serve it
    co_return;
}

aio::task<void> chat_line(aio::stream stream, aio::server_context context) {
    chat* of = co_await context.get<chat*>("chat");
    co_await of->call([of] { of->websockets.joined(); });
    while (const auto line = co_await stream.read_line())
        co_await stream.write(*line + "\n");
    co_await of->call([of] { of->websockets.left(); });
}

aio::task<void> chat_page(aio::stream stream, aio::server_context context) {
    chat* of = co_await context.get<chat*>("chat");
    const std::string text = co_await of->call([of] {
        return fmt::format("{} connected, {} users\n", of->websockets.open(), of->users.users());
    });
    co_await stream.write(text);
}

} // namespace examples
