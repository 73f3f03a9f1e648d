#include <aio/base/input_file.hpp>
#include <aio/net/tls_tickets.hpp>

#include <fmt/format.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace aio::net {

namespace {

constexpr std::size_t key_size = 80;

template <std::size_t Size>
void take(std::array<unsigned char, Size>& into, std::string_view& text) {
    std::ranges::copy(text.substr(0, Size), into.begin());
    text.remove_prefix(Size);
}

} // namespace

tls_tickets::tls_tickets(base::duration life, source fresh)
    : ring_(life), fresh_(std::move(fresh)) {}

tls_tickets::tls_tickets(std::span<const ticket_key> fixed) : ring_(fixed) {}

ticket_key tls_tickets::random_key() {
    ticket_key made;
    const auto fill = [](auto& part, int (*from)(unsigned char*, int)) {
        if (from(part.data(), static_cast<int>(part.size())) != 1)
            throw std::runtime_error("OpenSSL has no random numbers");
    };
    fill(made.name, &::RAND_bytes);
    fill(made.cipher, &::RAND_priv_bytes);
    fill(made.mac, &::RAND_priv_bytes);
    return made;
}

ticket_key tls_tickets::seal(base::duration now) {
    const std::lock_guard lock(guard_);
    if (ring_.is_due(now))
        ring_.turn(fresh_(), now);
    return ring_.newest();
}

std::optional<tls_tickets::opened>
tls_tickets::open(std::span<const unsigned char, 16> name, base::duration now) const {
    const std::lock_guard lock(guard_);
    const auto known = ring_.find(name, now);
    if (!known)
        return std::nullopt;
    return opened{*known->key, known->newest && !ring_.is_due(now)};
}

std::vector<ticket_key> read_ticket_keys(std::string_view text) {
    const std::size_t count = text.size() / key_size;
    if (text.size() % key_size != 0 || count == 0 || count > ticket_ring::most)
        throw std::runtime_error(fmt::format(
            "it has {} bytes, and a key has {}, up to {} of them", // as openssl rand makes them
            text.size(),
            key_size,
            ticket_ring::most
        ));
    std::vector<ticket_key> all(count);
    for (ticket_key& each : all) {
        take(each.name, text);
        take(each.cipher, text);
        take(each.mac, text);
    }
    return all;
}

std::vector<ticket_key> load_ticket_keys(const std::string& path) {
    const auto refuse = [&](const std::string& why) {
        throw std::runtime_error("cannot use the ticket keys in " + path + ": " + why);
    };
    base::input_file file(path);
    if (!file.error().empty())
        refuse(file.error());
    struct stat found{};
    if (::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
        (found.st_mode & (S_IROTH | S_IWOTH)) != 0)
        refuse("everybody may read or write it: chmod 600");
    const auto text = file.read(key_size * ticket_ring::most);
    if (!text)
        refuse(file.error());
    try {
        return read_ticket_keys(*text);
    } catch (const std::runtime_error& e) {
        refuse(e.what());
    }
    return {};
}

} // namespace aio::net
