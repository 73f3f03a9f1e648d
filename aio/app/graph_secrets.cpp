#include <aio/app/graph_secrets.hpp>
#include <aio/base/secrets.hpp>
#include <aio/base/text.hpp>

#include <string>

namespace aio::app {
namespace {

void mask(std::string& shown, const config::section& from) {
    base::secret_texts texts;
    for (const config::value& option : from.values()) {
        if (!option.secret || shown.empty())
            continue;
        if (shown == base::strip(option.text))
            shown = base::secret_mask;
        texts.add(option.text);
    }
    shown = texts.mask(shown);
}

} // namespace

service::graph masked(service::graph drawn, const config::tree& from) {
    for (service::graph_node& node : drawn.nodes) {
        const config::section* section = from.find(node.name);
        if (!section)
            continue;
        mask(node.label, *section);
        mask(node.what, *section);
    }
    return drawn;
}

} // namespace aio::app
