#pragma once

// The options of a section that set server::limits. Private to server/.

#include <aio/config/schema.hpp>
#include <aio/net/networks.hpp>
#include <aio/server/limits.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace aio::server {

/// All of them, with the defaults of server::limits.
const config::schema& limit_options();

/// "32 64" as two lengths of prefixes; nothing when it is none.
std::optional<client_prefix> prefix_of(std::string_view text);
std::vector<config::text_mistake> prefix_mistakes(std::string_view text);

/// The networks in a list. Wrong entries are added to `mistakes`, and the others count.
net::networks networks_of(std::string_view text, std::vector<config::text_mistake>& mistakes);
std::vector<config::text_mistake> network_mistakes(std::string_view text);

} // namespace aio::server
