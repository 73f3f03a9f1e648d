#include <aio/net/tls_resumption.hpp>

#include <openssl/ssl.h>

#include <utility>

namespace aio::net {

void free_session::operator()(::SSL_SESSION* session) const noexcept {
    ::SSL_SESSION_free(session);
}

void tls_resumption::keep(const std::string& server, session_ticket session) {
    const std::lock_guard lock(guard_);
    auto found = by_server_.find(server);
    if (found == by_server_.end()) {
        all_.push_front({server, {}});
        found = by_server_.emplace(server, all_.begin()).first;
    } else {
        all_.splice(all_.begin(), all_, found->second);
    }
    auto& sessions = all_.front().sessions;
    sessions.push_front(std::move(session));
    if (sessions.size() > most_of_one)
        sessions.pop_back();
    if (all_.size() > most_servers) {
        by_server_.erase(all_.back().server);
        all_.pop_back();
    }
}

session_ticket tls_resumption::take(const std::string& server) {
    const std::lock_guard lock(guard_);
    const auto found = by_server_.find(server);
    if (found == by_server_.end())
        return nullptr;
    auto& sessions = found->second->sessions;
    session_ticket made = std::move(sessions.front());
    sessions.pop_front();
    if (sessions.empty()) {
        all_.erase(found->second);
        by_server_.erase(found);
    }
    return made;
}

} // namespace aio::net
