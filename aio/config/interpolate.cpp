#include <aio/config/encoding.hpp>
#include <aio/config/fold.hpp>
#include <aio/config/interpolate.hpp>

#include <filesystem>
#include <utility>

namespace aio::config {

namespace {

constexpr std::size_t most_remembered = std::size_t{64} << 20;
constexpr std::string_view default_mark = ":-";

std::uint64_t key_of(option_ref option) {
    return std::uint64_t{option.section} << 32 | option.slot;
}

// "${a:b}" taken apart.
struct reference {
    std::string_view body;
    std::string_view section; // empty data: not given
    std::string_view option;
    std::optional<std::string_view> otherwise;
    std::size_t colons = 0;
};

reference take_apart(std::string_view body, bool extensions) {
    reference out{.body = body, .section = {}, .option = body, .otherwise = {}};
    const std::size_t first = body.find(':');
    if (first == std::string_view::npos)
        return out;
    out.colons = 1;
    out.section = body.substr(0, first);
    out.option = body.substr(first + 1);
    if (extensions && out.section == "file")
        return out;
    const std::size_t second = out.option.find(':');
    if (second == std::string_view::npos)
        return out;
    if (extensions && out.option.substr(second).starts_with(default_mark)) {
        out.otherwise = out.option.substr(second + default_mark.size());
        out.option = out.option.substr(0, second);
        return out;
    }
    out.colons = 2;
    return out;
}

std::string relative_to(const std::string& source_name, std::string_view path) {
    const std::filesystem::path given{path};
    if (given.is_absolute())
        return given.string();
    return (std::filesystem::path{source_name}.parent_path() / given).string();
}

} // namespace

// One evaluation: the stack of values being expanded, and the first mistake.
class interpolator::run {
  public:
    explicit run(interpolator& interpolator) : with_(interpolator) {}

    std::optional<failure> wrong;

    // Appends the text of a value; false after a mistake. `height` and `secret` grow.
    bool expand(option_ref option, std::string& out, std::uint32_t& height, bool& secret) {
        const slot& found = with_.over_.at(option.slot);
        const std::string_view raw = found.written().raw;
        stack_.push_back(option);
        std::uint32_t below = 0;
        for (std::size_t offset = 0; offset < raw.size();) {
            const std::size_t dollar = std::min(raw.find('$', offset), raw.size());
            out.append(raw.substr(offset, dollar - offset));
            if (dollar == raw.size())
                break;
            const std::optional<std::size_t> next = dollar_at(raw, dollar, out, below, secret);
            if (!next)
                return false;
            if (out.size() > longest_result)
                return fail(failure_kind::too_large, dollar, {});
            offset = *next;
        }
        stack_.pop_back();
        height = below + 1;
        return true;
    }

  private:
    bool fail(failure_kind kind, std::size_t offset, std::string_view body) {
        if (!wrong)
            wrong = failure{
                .kind = kind,
                .option = stack_.back(),
                .offset = offset,
                .reference = std::string{body},
                .reason = {},
                .chain = {},
                .steps = {},
                .asked_offset = 0
            };
        return false;
    }

    // Appends what a '$' stands for; returns the offset behind it.
    std::optional<std::size_t> dollar_at(
        std::string_view raw,
        std::size_t dollar,
        std::string& out,
        std::uint32_t& below,
        bool& secret
    ) {
        if (stack_.size() == 1)
            asked_offset_ = dollar;
        const char after = dollar + 1 < raw.size() ? raw[dollar + 1] : '\0';
        if (after == '$') {
            out += '$';
            return dollar + 2;
        }
        if (after != '{' && after != '<') {
            fail(failure_kind::dollar, dollar, {});
            return std::nullopt;
        }
        const std::size_t close = raw.find(after == '{' ? '}' : '>', dollar + 2);
        if (close == std::string_view::npos || close == dollar + 2) {
            fail(
                close == std::string_view::npos ? failure_kind::unclosed : failure_kind::empty,
                dollar,
                {}
            );
            return std::nullopt;
        }
        const reference ref =
            take_apart(raw.substr(dollar + 2, close - dollar - 2), with_.with_.extensions);
        if (!insert(ref, dollar, out, below, secret))
            return std::nullopt;
        return close + 1;
    }

    bool insert(
        const reference& ref,
        std::size_t dollar,
        std::string& out,
        std::uint32_t& below,
        bool& secret
    ) {
        if (ref.colons > 1)
            return fail(failure_kind::three_parts, dollar, ref.body);
        if (with_.with_.extensions && ref.colons == 1) {
            if (ref.section == "env")
                return insert_variable(ref, dollar, out);
            if (ref.section == "file")
                return insert_file(ref, dollar, out, secret);
        }
        const std::uint32_t section =
            ref.colons == 0 ? stack_.back().section : with_.over_.find_section(ref.section);
        if (section != layers::none) {
            const std::uint32_t found = with_.over_.find(section, fold(ref.option, folded_));
            if (found != layers::none)
                return insert_value({section, found}, ref, dollar, out, below, secret);
        }
        if (!ref.otherwise)
            return fail(failure_kind::missing, dollar, ref.body);
        out += *ref.otherwise;
        return true;
    }

    bool insert_value(
        option_ref option,
        const reference& ref,
        std::size_t dollar,
        std::string& out,
        std::uint32_t& below,
        bool& secret
    ) {
        const std::string_view raw = with_.over_.at(option.slot).written().raw;
        secret = secret || with_.declared_secret(option);
        if (raw.find('$') == std::string_view::npos) {
            out += raw;
            return true;
        }
        for (std::size_t i = 0; i < stack_.size(); ++i) {
            if (stack_[i] == option) {
                fail(failure_kind::cycle, dollar, ref.body);
                wrong->chain.assign(stack_.begin() + static_cast<std::ptrdiff_t>(i), stack_.end());
                wrong->chain.push_back(option);
                return false;
            }
        }
        const std::size_t depth = stack_.size();
        const auto known = with_.memory_.find(key_of(option));
        if (known != with_.memory_.end() && depth + known->second.height <= deepest_reference) {
            out += known->second.text;
            below = std::max(below, known->second.height);
            secret = secret || known->second.secret;
            return true;
        }
        if (depth >= deepest_reference) {
            fail(failure_kind::too_deep, dollar, ref.body);
            wrong->steps = stack_;
            wrong->steps.push_back(option);
            wrong->asked_offset = asked_offset_;
            return false;
        }
        remembered fresh;
        if (!expand(option, fresh.text, fresh.height, fresh.secret))
            return false;
        out += fresh.text;
        below = std::max(below, fresh.height);
        secret = secret || fresh.secret;
        remember(option, std::move(fresh));
        return true;
    }

    void remember(option_ref option, remembered fresh) {
        if (with_.remembered_bytes_ + fresh.text.size() > most_remembered) {
            with_.memory_.clear();
            with_.remembered_bytes_ = 0;
        }
        with_.remembered_bytes_ += fresh.text.size();
        with_.memory_.insert_or_assign(key_of(option), std::move(fresh));
    }

    bool insert_variable(const reference& ref, std::size_t dollar, std::string& out) {
        if (ref.option.empty())
            return fail(failure_kind::no_variable, dollar, ref.body);
        std::optional<std::string> text;
        if (with_.with_.env)
            text = with_.with_.env(ref.option);
        if (text && text->empty()) // set but empty counts as not set, as in a shell's ${NAME:-text}
            text.reset();
        if (!text && !ref.otherwise)
            return fail(failure_kind::no_variable, dollar, ref.body);
        if (const std::string why = text ? no_text(*text) : ""; !why.empty()) {
            fail(failure_kind::bad_variable, dollar, ref.body);
            wrong->reason = why;
            return false;
        }
        out += text ? std::string_view{*text} : *ref.otherwise;
        return true;
    }

    bool insert_file(const reference& ref, std::size_t dollar, std::string& out, bool& secret) {
        const document& parsed = *with_.over_.at(stack_.back().slot).from;
        std::string error = "files cannot be read here";
        std::optional<std::string> text;
        if (with_.with_.file) {
            const std::string path = relative_to(parsed.source->name, ref.option);
            with_.inserted_files_.try_emplace(path, stack_.back().slot);
            text = with_.with_.file(path, error);
        }
        if (!text) {
            fail(failure_kind::no_file, dollar, ref.body);
            wrong->reason = error;
            return false;
        }
        std::string_view content = *text;
        if (content.ends_with('\n'))
            content.remove_suffix(content.ends_with("\r\n") ? 2 : 1);
        out += content;
        secret = true;
        return true;
    }

    interpolator& with_;
    std::vector<option_ref> stack_;
    std::size_t asked_offset_ = 0; ///< of the last '$' in the value asked for
    std::string folded_;
};

interpolator::interpolator(const layers& over, surroundings outside)
    : over_(over), with_(std::move(outside)) {}

interpolated interpolator::evaluate(option_ref option) {
    interpolated out;
    out.secret = declared_secret(option);
    const std::string_view raw = over_.at(option.slot).written().raw;
    if (raw.find('$') == std::string_view::npos) {
        out.text = raw;
        return out;
    }
    run once{*this};
    std::uint32_t height = 0;
    if (!once.expand(option, out.text, height, out.secret)) {
        out.text.clear();
        out.wrong = std::move(once.wrong);
    }
    return out;
}

void interpolator::declare_secrets(std::set<std::pair<std::string, std::string>, std::less<>> more
) {
    with_.secret = [before = std::move(with_.secret),
                    more = std::move(more)](std::string_view section, std::string_view option) {
        return (before && before(section, option)) ||
               more.contains(std::pair<std::string, std::string>{section, option});
    };
    memory_.clear();
    remembered_bytes_ = 0;
    secret_defaults_.clear();
}

bool interpolator::declared_secret(option_ref target) {
    if (!with_.secret)
        return false;
    const std::string_view option = over_.at(target.slot).written().name;
    if (target.section != 0)
        return with_.secret(over_.sections()[target.section].name, option);
    const auto [known, fresh] = secret_defaults_.try_emplace(target.slot, false);
    if (!fresh)
        return known->second;
    const auto sections = over_.sections();
    for (std::uint32_t i = 0; i < sections.size() && !known->second; ++i)
        known->second = with_.secret(sections[i].name, option) &&
                        (i == 0 || over_.find_own(i, option) == layers::none);
    return known->second;
}

} // namespace aio::config
