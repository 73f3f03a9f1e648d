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
    std::erase_if(seen_, [](const auto& one) { return clock::now() - one.second > 1min; });
    co_return;
}

aio::task<void> websockets::serve(aio::stream with) {
    while (const auto line = co_await with.read_line()) {
        chat_.users.seen(*line);
        co_await with.write("hello " + *line + "\n");
    }
}

aio::task<void> webserver::serve(aio::stream with) {
    const auto users = co_await chat_.call([this] { return chat_.users.size(); });
    co_await with.write(fmt::format("{} users\n", users));
}

chat::chat(const aio::service_context& given)
    : websockets(add_child(
          std::make_unique<examples::websockets>(*this, given.option<int>("websockets_port")),
          "websockets"
      )),
      web(add_child(
          std::make_unique<webserver>(*this, given.option<int>("web_port")), "web", aio::own_loop
      )),
      users(add_child(std::make_unique<user_cache>(), "users")) {}

} // namespace examples
