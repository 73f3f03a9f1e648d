#include <aio/base/exception.hpp>
#include <aio/service/common.hpp>
#include <aio/service/find_function.hpp>
#include <aio/service/registration.hpp>
#include <aio/service/section_reader.hpp>
#include <aio/service/service_kind.hpp>

#include <any>
#include <stdexcept>

namespace aio::service {

namespace {

const config::schema& options() {
    static const config::schema all = [] {
        config::schema s;
        s.add("class", config::type::string, "the class to run: my.module.Class").required();
        return s;
    }();
    return all;
}

/// One section on its way to a service.
struct job {
    common_spec common;
    config::options options;
    std::string module; ///< its logger is that of the service
    service_maker make;
};

class reader : section_reader {
  public:
    using section_reader::section_reader;

    void read(job& into) {
        into.common = read_common(from_, typed_, to_);
        into.options = typed_;
        refuse_empty("class", "the dotted name of a class: my.module.Class");
    }
};

std::unique_ptr<service> construct(const job& job, const context& context) {
    try {
        return job.make(context);
    } catch (...) {
        throw std::runtime_error(
            job.common.section + ": " + base::message_of(std::current_exception())
        );
    }
}

std::unique_ptr<unit> make(const job& job, runtime& app, async::loop& loop) {
    const context own_context(std::make_shared<const context_data>(
        std::string(job.common.short_name()),
        job.common.section,
        job.options,
        app,
        app.log(job.module)
    ));
    auto made = construct(job, own_context);
    made->place(job.common, own_context, loop);
    return made;
}

std::optional<planned> plan(const config::section& from, planning& planning) {
    const std::size_t before = planning.problems->errors();
    const bool enabled = aio::service::enabled(from);
    const module::item* found =
        enabled ? find_function(from, "class", class_kind, planning) : nullptr;
    const auto made = std::make_shared<job>();
    reader{{from, found, planning}, options()}.read(*made);
    if (!enabled || !found || planning.problems->errors() != before)
        return std::nullopt;
    made->module = found->module;
    made->make = std::any_cast<service_maker>(found->object);
    planned out;
    out.common = made->common;
    out.what = found->name;
    out.made_by_module = true;
    out.make = [made](runtime& app, async::loop& home) { return make(*made, app, home); };
    return out;
}

} // namespace

const kind& service_kind() {
    static const kind all{"service", "services of your own", &options, &plan};
    return all;
}

} // namespace aio::service
