#include "chat.hpp"

namespace examples {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

void user_cache::seen(const std::string& name) {
    seen_[name] = clock::now();
}

aio::task<void> user_cache::on_start() {
    every(context().option<aio::duration>("refresh"), [this] { return remove_expired(); });
    co_return;
}

aio::task<void> user_cache::on_stop() {
    return remove_expired();
}

aio::task<void> user_cache::remove_expired() {
    log().info("removing expired users");
    std::erase_if(seen_, [](const auto& user) { return clock::now() - user.second > 1min; });
    co_return;
}

aio::task<void> websockets::serve(aio::stream stream) {
    while (const auto line = co_await stream.read_line()) {
        chat_.users.seen(*line);
        co_await stream.write("hello " + *line + "\n");
    }
}

aio::task<void> webserver::serve(aio::stream stream) {
    const auto users = co_await chat_.call([this] { return chat_.users.size(); });
    co_await stream.write(fmt::format("{} users\n", users));
}

chat::chat(const aio::service_context& context)
    : websockets(add_child(
          std::make_unique<examples::websockets>(*this, context.option<int>("websockets_port")),
          "websockets"
      )),
      web(add_child(
          std::make_unique<webserver>(*this, context.option<int>("web_port")), "web", aio::own_loop
      )),
      users(add_child(std::make_unique<user_cache>(), "users")) {}

} // namespace examples
