#pragma once

// Opt-in: payload types that Boost.JSON converts can leave the process and come back.
//
//     aio::signal::json<my::reading>(app.signals(), "reading");

#include <aio/signal/bus.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

#include <any>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>

namespace aio::signal {

/// From now on the bus converts data of type T, called `name` outside. Needs value_from and
/// value_to of Boost.JSON for T (a described struct, a container, or tag_invoke overloads).
template <typename T>
void json(bus& signals, std::string name) {
    bus::converter how;
    how.type = std::move(name);
    how.to_json = [](const std::any& data) {
        return boost::json::serialize(boost::json::value_from(std::any_cast<const T&>(data)));
    };
    how.from_json = [](std::string_view text) {
        return std::any(boost::json::value_to<T>(boost::json::parse(text)));
    };
    signals.convert(typeid(T), std::move(how));
}

} // namespace aio::signal
