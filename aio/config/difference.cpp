#include <aio/config/difference.hpp>

#include <utility>

namespace aio::config {

namespace {

const value* own(const section* in, std::string_view name) {
    const value* found = in ? in->find(name) : nullptr;
    return found && !found->inherited && found->good ? found : nullptr;
}

void compare(std::vector<changed_section>& to, const section* before, const section* after) {
    changed_section out{before, after, {}};
    if (before)
        for (const value& one : before->values()) {
            const value* other = own(after, one.name);
            if (!one.inherited && one.good && (!other || other->text != one.text))
                out.options.push_back({&one, other});
        }
    if (after)
        for (const value& one : after->values())
            if (!one.inherited && one.good && !own(before, one.name))
                out.options.push_back({nullptr, &one});
    if (!out.options.empty())
        to.push_back(std::move(out));
}

} // namespace

std::vector<changed_section> difference(const tree& before, const tree& after) {
    std::vector<changed_section> out;
    compare(out, &before.defaults(), &after.defaults());
    for (const section& one : after.sections())
        compare(out, before.find(one.name()), &one);
    for (const section& one : before.sections())
        if (!after.find(one.name()))
            compare(out, &one, nullptr);
    return out;
}

} // namespace aio::config
