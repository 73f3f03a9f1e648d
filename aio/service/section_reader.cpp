#include <aio/base/text.hpp>
#include <aio/module/registry.hpp>
#include <aio/service/common.hpp>
#include <aio/service/kind.hpp>
#include <aio/service/section_reader.hpp>

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace aio::service {

namespace {

config::options read(const section_source& from, const config::schema& own) {
    std::vector<const config::schema*> by{&own, &common_options()};
    if (from.function)
        by.push_back(from.function);
    return config::read(
        from.section,
        by,
        from.function ? from.undeclared : config::unknown::near_error,
        from.problems
    );
}

} // namespace

std::string text_of(const config::options& typed, std::string_view option) {
    return std::string{base::strip(typed.find<std::string>(option).value_or(""))};
}

section_source::section_source(
    const config::section& from, const module::item* named, const planning& plan
)
    : section_source(from, named ? &named->options : nullptr, plan.undeclared, *plan.problems) {}

section_reader::section_reader(const section_source& from, const config::schema& own)
    : from_(from.section), typed_(read(from, own)), to_(from.problems) {}

section_reader::section_reader(
    const config::section& from, config::options typed, base::diagnostics& problems
)
    : from_(from), typed_(std::move(typed)), to_(problems) {}

bool section_reader::own(std::string_view option) const {
    const config::value* found = from_.find(option);
    return found && !found->inherited;
}

std::string section_reader::text(std::string_view option) const {
    return text_of(typed_, option);
}

std::string section_reader::word(std::string_view option) const {
    return typed_.get<base::choice>(option).value;
}

void section_reader::error(std::string_view option, std::string message, std::string hint) {
    to_.error(typed_.where(option), std::move(message), std::move(hint));
}

void section_reader::refuse_empty(std::string_view option, std::string hint) {
    const config::value* found = from_.find(option);
    const bool good = found && found->good; // otherwise its reference is reported
    if (own(option) && good && text(option).empty())
        error(option, fmt::format("[{}] {} is empty", from_.name(), option), std::move(hint));
}

void section_reader::belongs(std::string_view option, std::string_view name) {
    if (own(option))
        error(
            option, fmt::format("[{}] {} has a meaning only with {}", from_.name(), option, name)
        );
}

} // namespace aio::service
