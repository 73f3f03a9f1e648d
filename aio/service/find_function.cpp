#include <aio/base/text.hpp>
#include <aio/service/find_function.hpp>

namespace aio::service {

const module::item* find_function(
    const config::section& from,
    std::string_view option,
    std::string_view kind,
    const planning& plan
) {
    const config::value* written = from.find(option);
    if (!written || !written->good)
        return nullptr;
    const std::string dotted{base::strip(written->text)};
    return dotted.empty() ? nullptr : plan.resolve(kind, dotted, written->text_where);
}

} // namespace aio::service
