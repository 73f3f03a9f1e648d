#include <aio/bean/bean.hpp>
#include <aio/bean/kind.hpp>
#include <aio/service/common.hpp>
#include <aio/service/find_function.hpp>
#include <aio/service/section_reader.hpp>

#include <any>

namespace aio::bean {

namespace {

const config::schema& options() {
    static const config::schema all = [] {
        config::schema s;
        s.add(
             "core",
             config::type::string,
             "the function or class to run: my.module.core; what is "
             "not one of these options is an argument for it"
        )
            .required();
        return s;
    }();
    return all;
}

class reader : service::section_reader {
  public:
    using section_reader::section_reader;

    void read(job& into) {
        into.common = service::read_common(from_, typed_, to_);
        into.options = typed_;
        into.what = text("core");
        refuse_empty("core", "the dotted name of a core: my.module.core");
    }
};

std::optional<service::planned> plan(const config::section& from, service::planning& planning) {
    const std::size_t before = planning.problems->errors();
    const bool enabled = service::enabled(from);
    const module::item* found =
        enabled ? service::find_function(from, "core", core_kind, planning) : nullptr;
    const auto made = std::make_shared<job>();
    reader{{from, found, planning}, options()}.read(*made);
    if (!enabled || !found || planning.problems->errors() != before)
        return std::nullopt;
    made->module = found->module;
    made->core = std::any_cast<core>(found->object);
    service::planned out;
    out.common = made->common;
    out.what = made->what;
    out.ends_by_itself = true;
    out.make = [made](service::runtime& app, async::loop& loop) -> std::unique_ptr<service::unit> {
        return std::make_unique<bean>(made, app, loop);
    };
    return out;
}

} // namespace

const service::kind& kind() {
    static const service::kind all{
        "bean", "functions and classes that run once, side by side", &options, &plan
    };
    return all;
}

} // namespace aio::bean
