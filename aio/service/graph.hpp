#pragma once

// Everything that runs, or would run, as a tree: supervisors above units, units above their
// children, and the dependencies. Pure.

#include <aio/base/api.hpp>
#include <aio/service/kind.hpp>
#include <aio/service/supervision.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace aio::service {

struct graph_node {
    std::string name; ///< "server/web", "supervisor/net", of a child "service/P/C1"
    std::string what; ///< the class or function; "sh, 3 times"; of a supervisor its strategy
    std::string loop; ///< empty for supervisors; of children empty or "own"
    /// "on_failure"; "5 within 10s" of a supervisor; "with its parent"; empty of a replacement,
    /// which has the restart policy of the unit that it replaces.
    std::string restart;
    std::string label;
    std::string state = "init";       ///< empty for supervisors
    std::string condition;            ///< of a unit that runs: unit::condition()
    std::vector<std::string> depends; ///< names
    std::string replaces;             ///< of a replacement: "supervisor/net"
    std::size_t above = nobody;       ///< index of its parent in the tree

    static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

    graph_node() = default;

    /// "server"
    std::string kind() const { return name.substr(0, name.find('/')); }
};

struct graph {
    std::vector<graph_node> nodes;   ///< parents come before their children
    std::vector<std::string> silent; ///< loops that did not tell what stands below their units

    graph() = default;
};

/// The graph of a plan. `units` in start order.
AIO_API graph
draw_plan(std::span<const planned> units, std::span<const supervisor_spec> supervisors);

AIO_API graph
draw_plan(std::span<const planned* const> units, std::span<const supervisor_spec> supervisors);

/// An indented tree; each line has the number of nodes below it:
///
///     supervisor/net(2)  rest_for_one, 5 within 10s
///          service/db(0)  my.db, loop main, restart on_failure, running
///          server/web(0)  my.web, loop main, restart on_failure, running, after service/db
AIO_API std::string as_text(const graph& graph);
/// For graphviz: full lines lead down, dotted lines lead to dependencies.
AIO_API std::string as_dot(const graph& graph);
AIO_API std::string as_json(const graph& graph);

} // namespace aio::service
