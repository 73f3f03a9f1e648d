#include <aio/service/graph.hpp>

#include <boost/test/unit_test.hpp>

#include <deque>
#include <map>
#include <string>
#include <vector>

using namespace aio;
using service::graph;
using service::graph_node;

namespace {

graph_node node(std::string name, std::size_t above = graph_node::nobody, std::string state = {}) {
    graph_node out;
    out.name = std::move(name);
    out.above = above;
    out.state = std::move(state);
    return out;
}

graph_node after(graph_node node, std::vector<std::string> depends) {
    node.depends = std::move(depends);
    return node;
}

/// A parser as small as the grammar we write: names in quotes, attributes in brackets.
struct dot {
    std::map<std::string, std::string> nodes; ///< with their attributes
    std::vector<std::pair<std::string, std::string>> full, dotted;

    explicit dot(const std::string& text) : text_(text) {
        expect("digraph aio {");
        expect("rankdir = LR;");
        expect("node [style = filled];");
        while (!eat("}"))
            statement();
        BOOST_TEST(at_ == text_.size());
    }

  private:
    void skip() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])))
            ++at_;
    }

    bool eat(const std::string& what) {
        skip();
        if (text_.compare(at_, what.size(), what) != 0)
            return false;
        at_ += what.size();
        skip();
        return true;
    }

    void expect(const std::string& what) {
        BOOST_REQUIRE_MESSAGE(eat(what), "no " << what << " at " << text_.substr(at_, 40));
    }

    std::string name() {
        expect("\"");
        std::string out;
        while (text_[at_] != '"') {
            if (text_[at_] == '\\')
                ++at_;
            out += text_[at_++];
        }
        ++at_;
        return out;
    }

    std::string attributes() {
        std::string out;
        if (!eat("["))
            return out;
        bool inside = false;
        while (inside || text_[at_] != ']') {
            inside ^= text_[at_] == '"' && text_[at_ - 1] != '\\';
            out += text_[at_++];
        }
        ++at_;
        return out;
    }

    void statement() {
        const std::string one = name();
        if (eat("->")) {
            const std::string other = name();
            (attributes().empty() ? full : dotted).emplace_back(one, other);
        } else {
            nodes[one] = attributes();
        }
        expect(";");
    }

    const std::string& text_;
    std::size_t at_ = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(graph_)

BOOST_AUTO_TEST_CASE(case_169_an_indented_tree_with_valencies) {
    graph g;
    g.nodes = {node("303"), node("808", 0), node("909", 1), node("11", 0), node("lone")};
    BOOST_TEST(
        as_text(g) == "303(3)\n"
                      "     808(1)\n"
                      "          909(0)\n"
                      "     11(0)\n"
                      "lone(0)\n"
    );
}

BOOST_AUTO_TEST_CASE(a_name_forges_no_line) {
    graph g;
    g.nodes = {node("a\nb(0)\x1b[2J\u202e")};
    BOOST_TEST(as_text(g) == "a\\x0ab(0)\\x1b[2J\\u202e(0)\n");
}

BOOST_AUTO_TEST_CASE(what_is_known_of_each_stands_beside_it) {
    service::planned web;
    web.common.section = "server/web";
    web.common.supervisor = "net";
    web.common.restart = service::restart::on_failure;
    web.common.depends = {"service/db"};
    web.what = "my.web";
    service::planned db;
    db.common.section = "service/db";
    db.common.loop = "own";
    service::planned spare;
    spare.common.section = "server/spare";
    spare.common.label = "fast";
    std::deque<service::planned> plans{db, web, spare};
    std::vector<service::supervisor_spec> supervisors(2);
    supervisors[0].name = "net";
    supervisors[0].supervisor = "top";
    supervisors[0].replacement = "server/spare";
    supervisors[1].name = "top";
    supervisors[1].strategy = service::strategy::forfeit_all;
    std::vector<const service::planned*> all{&plans[0], &plans[1], &plans[2]};
    const graph g = draw_plan(all, supervisors);
    BOOST_TEST(
        as_text(g) ==
        "service/db(0)  loop own, restart never, init\n"
        "supervisor/top(3)  forfeit_all\n"
        "     supervisor/net(2)  one_for_one, 5 within 10s\n"
        "          server/web(0)  my.web, loop main, restart on_failure, init, after service/db\n"
        "          server/spare(0)  loop main, init, replacement of supervisor/net, label fast\n"
    );
}

BOOST_AUTO_TEST_CASE(case_170_graphviz_gets_edges_leaves_and_colors) {
    graph g;
    g.nodes = {
        node("P", graph_node::nobody, "running"),
        node("P/C1", 0, "running"),
        node("P/C2", 0, "crashed"),
        after(node("a \"quoted\" \\ name", graph_node::nobody, "stopped"), {"P/C1"}),
        node("supervisor/s")
    };
    dot d(as_dot(g));
    BOOST_TEST(d.nodes.size() == 5u);
    BOOST_TEST(d.nodes["P"].starts_with("shape = box, fillcolor = palegreen3"));
    BOOST_TEST(d.nodes["P/C1"].starts_with("shape = ellipse, fillcolor = palegreen3"));
    BOOST_TEST(d.nodes["P/C2"].starts_with("shape = ellipse, fillcolor = tomato"));
    BOOST_TEST(d.nodes["supervisor/s"].starts_with("shape = ellipse, fillcolor = lightblue"));
    const std::vector<std::pair<std::string, std::string>> full{{"P", "P/C1"}, {"P", "P/C2"}};
    BOOST_TEST((d.full == full));
    BOOST_REQUIRE(d.dotted.size() == 1u);
    BOOST_TEST(d.dotted[0].first == "a \"quoted\" \\ name");
}

BOOST_AUTO_TEST_CASE(children_of_one_name_are_two_nodes) {
    graph g;
    g.nodes = {node("P"), node("P/C", 0), node("P/C", 0), node("P/C/D", 2), node("P/C #2", 0)};
    dot d(as_dot(g));
    BOOST_TEST(d.nodes.size() == 5u);
    const std::vector<std::pair<std::string, std::string>> full{
        {"P", "P/C"}, {"P", "P/C #2"}, {"P/C #2", "P/C/D"}, {"P", "P/C #2 #2"}
    };
    BOOST_TEST((d.full == full));
}

BOOST_AUTO_TEST_CASE(as_json_it_is_one_object_each) {
    graph g;
    BOOST_TEST(as_json(g) == "[]\n");
    g.nodes = {
        node("a/b", graph_node::nobody, "init"), after(node("a/c", 0, "init"), {"a/b", "x"})
    };
    g.nodes[1].label = "red";
    BOOST_TEST(
        as_json(g) ==
        "[\n"
        "  {\"name\": \"a/b\", \"kind\": \"a\", \"label\": \"\", \"what\": \"\", \"loop\": \"\", "
        "\"restart\": \"\", \"state\": \"init\", \"condition\": \"\", \"depends\": [], "
        "\"replaces\": \"\", "
        "\"above\": null},\n"
        "  {\"name\": \"a/c\", \"kind\": \"a\", \"label\": \"red\", \"what\": \"\", \"loop\": "
        "\"\", \"restart\": \"\", \"state\": \"init\", \"condition\": \"\", \"depends\": [\"a/b\", "
        "\"x\"], "
        "\"replaces\": \"\", \"above\": \"a/b\"}\n"
        "]\n"
    );
}

BOOST_AUTO_TEST_SUITE_END()
