#include <aio/app/modules.hpp>
#include <aio/module.hpp>

namespace aio::app {

module::loader make_loader(const settings& of) {
    std::vector<std::filesystem::path> folders;
    for (const std::string& one : of.module_path)
        folders.emplace_back(one);
    folders.push_back(module::installed_modules());
    return module::loader(module::path(std::move(folders)), module::builtins());
}

void set_up(const module::entry& of, module::registry& into) {
    module_builder builder(into, of.name);
    of.setup(builder);
}

} // namespace aio::app
