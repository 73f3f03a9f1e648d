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

    explicit family(const graph& of) : below(of.nodes.size()), valency(of.nodes.size()) {
        for (std::size_t i = 0; i < of.nodes.size(); ++i)
            (of.nodes[i].above == graph_node::nobody ? roots : below[of.nodes[i].above])
                .push_back(i);
        for (std::size_t i = of.nodes.size(); i-- > 0;)
            if (of.nodes[i].above != graph_node::nobody)
                valency[of.nodes[i].above] += valency[i] + 1;
    }
};

std::string details(const graph_node& of) {
    std::vector<std::string> all;
    if (!of.what.empty())
        all.push_back(of.what);
    if (!of.loop.empty())
        all.push_back("loop " + of.loop);
    if (!of.restart.empty())
        all.push_back(of.state.empty() ? of.restart : "restart " + of.restart);
    if (!of.state.empty())
        all.push_back(of.state);
    if (!of.replaces.empty())
        all.push_back("replacement of " + of.replaces);
    if (!of.label.empty())
        all.push_back("label " + of.label);
    if (!of.depends.empty())
        all.push_back("after " + base::join(of.depends, " and "));
    return base::join(all, ", ");
}

std::string_view color(const graph_node& of) {
    if (of.kind() == "supervisor")
        return "lightblue";
    if (of.state == "running")
        return "palegreen3";
    if (of.state == "starting" || of.state == "stopping")
        return "khaki";
    if (of.state == "crashed" || of.state == "given_up")
        return "tomato";
    return of.state == "stopped" ? "grey" : "white";
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
std::vector<std::string> dot_ids(const graph& of) {
    std::set<std::string> taken;
    std::vector<std::string> ids;
    for (const graph_node& one : of.nodes) {
        std::string id = one.name;
        for (std::size_t number = 2; !taken.insert(id).second; ++number)
            id = fmt::format("{} #{}", one.name, number);
        ids.push_back(dot_text(id));
    }
    return ids;
}

std::string strings(const std::vector<std::string>& all) {
    std::string out;
    for (const std::string& one : all)
        out += (out.empty() ? "" : ", ") + base::json_quote(one);
    return "[" + out + "]";
}

} // namespace

std::string as_text(const graph& of) {
    const family all(of);
    std::string out;
    std::vector<std::pair<std::size_t, std::size_t>> next; // who, how deep
    for (std::size_t i = all.roots.size(); i-- > 0;)
        next.emplace_back(all.roots[i], 0);
    while (!next.empty()) {
        const auto [which, depth] = next.back();
        next.pop_back();
        const std::string more = details(of.nodes[which]);
        fmt::format_to(
            std::back_inserter(out),
            "{:{}}{}({}){}{}\n",
            "",
            5 * depth,
            base::visible(of.nodes[which].name, base::layout::one_line),
            all.valency[which],
            more.empty() ? "" : "  ",
            base::visible(more, base::layout::one_line)
        );
        for (std::size_t i = all.below[which].size(); i-- > 0;)
            next.emplace_back(all.below[which][i], depth + 1);
    }
    for (const std::string& loop : of.silent)
        out += fmt::format("loop {} does not answer: what its units run is not shown\n", loop);
    return out;
}

std::string as_dot(const graph& of) {
    const family all(of);
    const std::vector<std::string> ids = dot_ids(of);
    std::string out = "digraph aio {\n    rankdir = LR;\n    node [style = filled];\n";
    for (std::size_t i = 0; i < of.nodes.size(); ++i)
        fmt::format_to(
            std::back_inserter(out),
            "    {} [shape = {}, fillcolor = {}, tooltip = {}];\n",
            ids[i],
            all.below[i].empty() ? "ellipse" : "box",
            color(of.nodes[i]),
            dot_text(details(of.nodes[i]))
        );
    for (std::size_t i = 0; i < of.nodes.size(); ++i) {
        const graph_node& one = of.nodes[i];
        if (one.above != graph_node::nobody)
            fmt::format_to(std::back_inserter(out), "    {} -> {};\n", ids[one.above], ids[i]);
        for (const std::string& before : one.depends)
            fmt::format_to(
                std::back_inserter(out),
                "    {} -> {} [style = dotted, constraint = false];\n",
                ids[i],
                dot_text(before)
            );
    }
    return out + "}\n";
}

std::string as_json(const graph& of) {
    std::string out;
    for (const graph_node& one : of.nodes)
        fmt::format_to(
            std::back_inserter(out),
            "{}  {{\"name\": {}, \"kind\": {}, \"label\": {}, \"what\": {}, \"loop\": {}, "
            "\"restart\": {}, \"state\": {}, \"depends\": {}, \"replaces\": {}, \"above\": {}}}",
            out.empty() ? "" : ",\n",
            base::json_quote(one.name),
            base::json_quote(one.kind()),
            base::json_quote(one.label),
            base::json_quote(one.what),
            base::json_quote(one.loop),
            base::json_quote(one.restart),
            base::json_quote(one.state),
            strings(one.depends),
            base::json_quote(one.replaces),
            one.above == graph_node::nobody ? "null" : base::json_quote(of.nodes[one.above].name)
        );
    return out.empty() ? "[]\n" : "[\n" + out + "\n]\n";
}

} // namespace aio::service
