#pragma once

// The graph of units is printed and handed to modules: secrets of the configuration are not in it.

#include <aio/base/api.hpp>
#include <aio/config/tree.hpp>
#include <aio/service/graph.hpp>

namespace aio::app {

/// The graph with a mask in place of every label and class that the section of the unit keeps
/// secret.
AIO_API service::graph masked(service::graph drawn, const config::tree& from);

} // namespace aio::app
