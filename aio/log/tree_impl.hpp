#pragma once

// What a tree of loggers holds. Private to tree.cpp, tree_nodes.cpp and tree_open.cpp.

#include <aio/log/node.hpp>
#include <aio/log/tree.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace aio::log {

/// A handler of a module that is opened later, and the one that takes its records until then.
struct postponed {
    handler_spec what;
    formatter_spec formatter;
    std::shared_ptr<handler> substitute;
};

struct tree::impl {
    impl();

    /// The node of a name, made when there is none. It may be given back.
    node& find(std::string_view dotted);
    /// The same, for good.
    node& keep(std::string_view dotted);
    /// The same, for a caller that hands out a reference to the node. Takes the lock.
    node& hand_out(const std::string& dotted);
    node& make(std::string name, node* parent);
    /// Removes a node that is no longer used, and the nodes above it that were made for it.
    void give_back(node& unused);
    void reroute();
    /// Every handler in use, once.
    handlers all() const;

    std::mutex lock;
    const std::shared_ptr<output_services> services = std::make_shared<output_services>();
    std::map<std::string, std::unique_ptr<node>, std::less<>> nodes;
    node* root = nullptr;
    handlers captures;
    std::map<std::string, std::weak_ptr<handler>, std::less<>> named; ///< of the configuration
    std::vector<postponed> later;
    std::string directory;                            ///< of the last configure()
    std::shared_ptr<const base::secret_texts> hidden; ///< null: nothing
    bool said_many = false;
};

} // namespace aio::log
