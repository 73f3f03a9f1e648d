#include <aio/config/difference.hpp>

#include <utility>

namespace aio::config {

namespace {

const value* own(const section* section, std::string_view name) {
    const value* found = section ? section->find(name) : nullptr;
    return found && !found->inherited && found->good ? found : nullptr;
}

void compare(
    std::vector<changed_section>& differences, const section* before, const section* after
) {
    changed_section out{before, after, {}};
    if (before)
        for (const value& option : before->values()) {
            const value* other = own(after, option.name);
            if (!option.inherited && option.good && (!other || other->text != option.text))
                out.options.push_back({&option, other});
        }
    if (after)
        for (const value& option : after->values())
            if (!option.inherited && option.good && !own(before, option.name))
                out.options.push_back({nullptr, &option});
    if (!out.options.empty())
        differences.push_back(std::move(out));
}

} // namespace

std::vector<changed_section> difference(const tree& before, const tree& after) {
    std::vector<changed_section> out;
    compare(out, &before.defaults(), &after.defaults());
    for (const section& owner : after.sections())
        compare(out, before.find(owner.name()), &owner);
    for (const section& owner : before.sections())
        if (!after.find(owner.name()))
            compare(out, &owner, nullptr);
    return out;
}

} // namespace aio::config
