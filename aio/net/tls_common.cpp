#include <aio/net/pem_file.hpp>
#include <aio/net/tls_common.hpp>
#include <aio/net/tls_tickets.hpp>

#include <algorithm>

namespace aio::net {

tls_common::tls_common() = default;
tls_common::~tls_common() = default;

std::shared_ptr<tls_tickets> tls_common::tickets(base::duration life) {
    const std::lock_guard lock(guard_);
    std::shared_ptr<tls_tickets>& made = tickets_[life];
    if (!made)
        made = std::make_shared<tls_tickets>(life);
    return made;
}

std::shared_ptr<const pem_text> tls_common::known(const struct ::stat& file) const {
    const std::lock_guard lock(guard_);
    for (const auto& each : texts_)
        if (auto text = each.lock(); text && text->is(file))
            return text;
    return nullptr;
}

void tls_common::remember(const std::shared_ptr<const pem_text>& read) {
    const std::lock_guard lock(guard_);
    std::erase_if(texts_, [](const auto& each) { return each.expired(); });
    texts_.push_back(read);
}

} // namespace aio::net
