#include <aio/config/property_tree.hpp>

namespace aio::config {

namespace {

void add_section(ptree& target, const section& from) {
    ptree& node = target.push_back({from.name(), ptree{}})->second;
    node.data().where = from.where();
    for (const value& option : from.values()) {
        const ptree_value data{
            option.text, option.where, option.secret, option.inherited, option.good
        };
        node.push_back({option.name, ptree{data}});
    }
}

} // namespace

ptree to_ptree(const tree& from) {
    ptree out;
    add_section(out, from.defaults());
    for (const section& owner : from.sections())
        add_section(out, owner);
    return out;
}

} // namespace aio::config
