#include <aio/config/property_tree.hpp>

namespace aio::config {

namespace {

void add_section(ptree& to, const section& from) {
    ptree& node = to.push_back({from.name(), ptree{}})->second;
    node.data().where = from.where();
    for (const value& one : from.values()) {
        const ptree_value data{one.text, one.where, one.secret, one.inherited, one.good};
        node.push_back({one.name, ptree{data}});
    }
}

} // namespace

ptree to_ptree(const tree& from) {
    ptree out;
    add_section(out, from.defaults());
    for (const section& one : from.sections())
        add_section(out, one);
    return out;
}

} // namespace aio::config
