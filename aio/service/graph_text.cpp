// A graph as text, for graphviz and as JSON.

#include <aio/base/text.hpp>
#include <aio/base/visible.hpp>
#include <aio/service/graph.hpp>

#include <fmt/format.h>

#include <iterator>
#include <set>
#include <string_view>

namespace aio::service {

namespace {

struct family {
    std::vector<std::vector<std::size_t>> below;
    std::vector<std::size_t> roots;
    std::vector<std::size_t> valency; ///< how many stand below, at any depth

    explicit family(const graph& graph) : below(graph.nodes.size()), valency(graph.nodes.size()) {
        for (std::size_t i = 0; i < graph.nodes.size(); ++i)
            (graph.nodes[i].above == graph_node::nobody ? roots : below[graph.nodes[i].above])
                .push_back(i);
        for (std::size_t i = graph.nodes.size(); i-- > 0;)
            if (graph.nodes[i].above != graph_node::nobody)
                valency[graph.nodes[i].above] += valency[i] + 1;
    }
};

std::string details(const graph_node& node) {
    std::vector<std::string> all;
    if (!node.what.empty())
        all.push_back(node.what);
    if (!node.loop.empty())
        all.push_back("loop " + node.loop);
    if (!node.restart.empty())
        all.push_back(node.state.empty() ? node.restart : "restart " + node.restart);
    if (!node.state.empty())
        all.push_back(node.state);
    if (!node.condition.empty())
        all.push_back(node.condition);
    if (!node.replaces.empty())
        all.push_back("replacement of " + node.replaces);
    if (!node.label.empty())
        all.push_back("label " + node.label);
    if (!node.depends.empty())
        all.push_back("after " + base::join(node.depends, " and "));
    return base::join(all, ", ");
}

std::string_view color(const graph_node& node) {
    if (node.kind() == "supervisor")
        return "lightblue";
    if (node.state == "running")
        return "palegreen3";
    if (node.state == "starting" || node.state == "stopping")
        return "khaki";
    if (node.state == "crashed" || node.state == "given_up")
        return "tomato";
    return node.state == "stopped" ? "grey" : "white";
}

std::string dot_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out + '"';
}

/// One identifier for each row: several children of one unit may have the same name.
std::vector<std::string> dot_ids(const graph& graph) {
    std::set<std::string> taken;
    std::vector<std::string> ids;
    for (const graph_node& node : graph.nodes) {
        std::string id = node.name;
        for (std::size_t number = 2; !taken.insert(id).second; ++number)
            id = fmt::format("{} #{}", node.name, number);
        ids.push_back(dot_text(id));
    }
    return ids;
}

std::string strings(const std::vector<std::string>& all) {
    std::string out;
    for (const std::string& text : all)
        out += (out.empty() ? "" : ", ") + base::json_quote(text);
    return "[" + out + "]";
}

} // namespace

std::string as_text(const graph& graph) {
    const family all(graph);
    std::string out;
    std::vector<std::pair<std::size_t, std::size_t>> next; // node, depth
    for (std::size_t i = all.roots.size(); i-- > 0;)
        next.emplace_back(all.roots[i], 0);
    while (!next.empty()) {
        const auto [which, depth] = next.back();
        next.pop_back();
        const std::string more = details(graph.nodes[which]);
        fmt::format_to(
            std::back_inserter(out),
            "{:{}}{}({}){}{}\n",
            "",
            5 * depth,
            base::visible(graph.nodes[which].name, base::layout::one_line),
            all.valency[which],
            more.empty() ? "" : "  ",
            base::visible(more, base::layout::one_line)
        );
        for (std::size_t i = all.below[which].size(); i-- > 0;)
            next.emplace_back(all.below[which][i], depth + 1);
    }
    for (const std::string& loop : graph.silent)
        out += fmt::format("loop {} does not answer: what its units run is not shown\n", loop);
    return out;
}

std::string as_dot(const graph& graph) {
    const family all(graph);
    const std::vector<std::string> ids = dot_ids(graph);
    std::string out = "digraph aio {\n    rankdir = LR;\n    node [style = filled];\n";
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        fmt::format_to(
            std::back_inserter(out),
            "    {} [shape = {}, fillcolor = {}, tooltip = {}];\n",
            ids[i],
            all.below[i].empty() ? "ellipse" : "box",
            color(graph.nodes[i]),
            dot_text(details(graph.nodes[i]))
        );
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const graph_node& node = graph.nodes[i];
        if (node.above != graph_node::nobody)
            fmt::format_to(std::back_inserter(out), "    {} -> {};\n", ids[node.above], ids[i]);
        for (const std::string& before : node.depends)
            fmt::format_to(
                std::back_inserter(out),
                "    {} -> {} [style = dotted, constraint = false];\n",
                ids[i],
                dot_text(before)
            );
    }
    return out + "}\n";
}

std::string as_json(const graph& graph) {
    std::string out;
    for (const graph_node& node : graph.nodes)
        fmt::format_to(
            std::back_inserter(out),
            "{}  {{\"name\": {}, \"kind\": {}, \"label\": {}, \"what\": {}, \"loop\": {}, "
            "\"restart\": {}, \"state\": {}, \"condition\": {}, \"depends\": {}, \"replaces\": {}, "
            "\"above\": {}}}",
            out.empty() ? "" : ",\n",
            base::json_quote(node.name),
            base::json_quote(node.kind()),
            base::json_quote(node.label),
            base::json_quote(node.what),
            base::json_quote(node.loop),
            base::json_quote(node.restart),
            base::json_quote(node.state),
            base::json_quote(node.condition),
            strings(node.depends),
            base::json_quote(node.replaces),
            node.above == graph_node::nobody ? "null"
                                             : base::json_quote(graph.nodes[node.above].name)
        );
    return out.empty() ? "[]\n" : "[\n" + out + "\n]\n";
}

} // namespace aio::service
