#include <aio/base/text.hpp>
#include <aio/schedule/spec.hpp>
#include <aio/service/common.hpp>
#include <aio/service/section_reader.hpp>

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <vector>

namespace aio::schedule {

namespace {

constexpr double shortest = 0.001; // of a period or a timeout, in seconds

config::schema declare() {
    using config::type;
    config::schema s;
    s.add("func", type::string, "function to call: my.module.function").required();
    s.add("every", type::duration, "period, from start to start, counted from the schedule's start")
        .least(shortest);
    s.add("cron", type::string, "minute hour day month weekday [second], or @hourly, @daily, ...");
    s.option("timezone", "UTC", "with cron: time zone, such as Europe/Berlin");
    s.option(
        "first",
        base::choice{"now", {"now", "after"}},
        "with every: first run at the start, or one period later"
    );
    s.option("delay", base::duration{0}, "with every: delay of the first run and so of all runs")
        .least(0);
    s.option(
        "spacing",
        base::choice{"start", {"start", "end"}},
        "with every: periods count from the start of the schedule, or from the end of each run"
    );
    s.option(
        "overlap",
        base::choice{"allow", {"allow", "skip", "queue", "cancel"}},
        "when a run is due while another runs: allow both, skip the new one, queue it (one at "
        "most), cancel the running one"
    );
    s.option(
         "max_running", 100, "with overlap = allow: simultaneous runs; further runs are skipped"
    )
        .least(1);
    s.option("jitter", base::duration{0}, "maximum of the random extra delay of each run").least(0);
    s.add("timeout", type::duration, "a run that takes longer is cancelled")
        .least(shortest)
        .words({"none"});
    s.add("cb", type::string, "function called with the result of each run");
    s.add("err", type::string, "function called with the error of each failed run");
    s.option(
        "on_error",
        base::choice{"continue", {"continue", "stop", "crash"}},
        "after a failed run: continue, stop the schedule, or crash it"
    );
    s.option("shield", false, "yes: a stop waits for a run instead of cancelling it");
    return s;
}

// One section on its way to a spec.
class reader : service::section_reader {
  public:
    using section_reader::section_reader;

    spec read() {
        spec out;
        out.common = service::read_common(from_, typed_, to_);
        out.options = typed_;
        read_functions(out);
        out.every = typed_.find<base::duration>("every");
        read_cron(out);
        out.first_after_period = word("first") == "after";
        out.delay = typed_.get<base::duration>("delay");
        out.spacing = word("spacing") == "end" ? spacing::end : spacing::start;
        read_runs(out);
        check(out);
        return out;
    }

  private:
    void read_functions(spec& out) {
        out.func = text("func");
        out.cb = text("cb");
        out.err = text("err");
        refuse_empty("func", "the dotted name of a function: my.module.function");
    }

    void read_cron(spec& out) {
        read_zone(out);
        const config::value* written = from_.find("cron");
        if (!written || !written->good)
            return;
        std::vector<cron_error> errors;
        out.cron = cron::parse(written->text, errors);
        for (cron_error& wrong : errors)
            to_.error(
                from_.place_of(*written, wrong.offset),
                fmt::format("[{}] cron: {}", from_.name(), wrong.text),
                std::move(wrong.hint)
            );
        if (auto doubt = timetable::cron_doubt(written->text); out.cron && doubt)
            to_.warning(
                from_.place_of(*written, doubt->offset),
                fmt::format("[{}] cron: {}", from_.name(), doubt->text),
                std::move(doubt->hint)
            );
    }

    void read_zone(spec& out) {
        const std::string wanted{base::strip(typed_.get<std::string>("timezone"))};
        timetable::zone_error why;
        if (const auto found = zone::find(wanted, &why)) {
            out.place = *found;
            return;
        }
        const config::value* written = from_.find("timezone");
        to_.error(
            written ? written->text_where : from_.where(),
            fmt::format("[{}] timezone: {}", from_.name(), why.text),
            std::move(why.hint)
        );
    }

    void read_runs(spec& out) {
        const std::string overlap_word = word("overlap");
        out.overlap = overlap_word == "skip"     ? overlap::skip
                      : overlap_word == "queue"  ? overlap::queue
                      : overlap_word == "cancel" ? overlap::cancel
                                                 : overlap::allow;
        out.max_running = static_cast<std::size_t>(typed_.get<std::int64_t>("max_running"));
        out.jitter = typed_.get<base::duration>("jitter");
        out.timeout = typed_.find<base::duration>("timeout");
        const std::string error_word = word("on_error");
        out.on_error = error_word == "stop"    ? on_error::stop
                       : error_word == "crash" ? on_error::crash
                                               : on_error::go_on;
        out.shield = typed_.get<bool>("shield");
    }

    void check(const spec& out) {
        const bool every = from_.find("every"), cron = from_.find("cron");
        if (!every && !cron)
            to_.error(from_.where(), fmt::format("[{}] needs one of every and cron", from_.name()));
        if (every && cron)
            error(
                own("cron") ? "cron" : "every",
                fmt::format("[{}] has both every and cron", from_.name()),
                "leave one of them out"
            );
        if (cron && !every)
            for (std::string_view option : {"first", "delay", "spacing"})
                belongs(option, "every");
        if (every && !cron)
            belongs("timezone", "cron");
        if (out.every && out.jitter >= *out.every && out.jitter.count() != 0)
            error(
                "jitter",
                fmt::format(
                    "[{}] jitter {} has to be shorter than the period {}",
                    from_.name(),
                    base::format(out.jitter),
                    base::format(*out.every)
                )
            );
    }
};

} // namespace

const config::schema& options() {
    static const config::schema all = declare();
    return all;
}

spec read_spec(const service::section_source& from) {
    return reader{from, options()}.read();
}

} // namespace aio::schedule
