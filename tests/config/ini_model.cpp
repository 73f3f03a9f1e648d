#include "ini_model.hpp"

#include <aio/base/text.hpp>
#include <aio/base/units.hpp>
#include <aio/base/utf8.hpp>
#include <aio/config/explain.hpp>
#include <aio/config/fold.hpp>
#include <aio/config/interpolate.hpp>
#include <aio/config/layers.hpp>

#include <boost/beast/core/detail/base64.hpp>
#include <boost/json.hpp>

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <map>
#include <vector>

namespace aio::tests {

namespace {

namespace json = boost::json;
using namespace aio::config;

struct op_error {
    json::object what;
};

[[noreturn]] void raise(std::string_view kind) {
    throw op_error{{{"kind", kind}}};
}

[[noreturn]] void raise(std::string_view kind, std::string_view section) {
    throw op_error{{{"kind", kind}, {"section", section}}};
}

std::string decode_base64(std::string_view text) {
    namespace base64 = boost::beast::detail::base64;
    std::string out(base64::decoded_size(text.size()), '\0');
    out.resize(base64::decode(out.data(), text.data(), text.size()).first);
    return out;
}

std::shared_ptr<const base::source> source_of(const json::value& file, std::size_t index) {
    const std::string name = fmt::format("<{}>", index);
    if (file.is_string())
        return std::make_shared<const base::source>(name, std::string{file.as_string()});
    const json::object& o = file.as_object();
    if (const json::value* b64 = o.if_contains("b64"))
        return std::make_shared<const base::source>(name, decode_base64(b64->as_string()));
    return std::make_shared<const base::source>(name, std::string{o.at("text").as_string()});
}

std::string_view python_kind(problem_kind kind) {
    switch (kind) {
    case problem_kind::not_utf8:
        return "UnicodeDecodeError";
    case problem_kind::missing_header:
        return "MissingSectionHeaderError";
    case problem_kind::duplicate_section:
        return "DuplicateSectionError";
    case problem_kind::duplicate_option:
        return "DuplicateOptionError";
    default:
        return "ParsingError";
    }
}

std::string_view python_kind(failure_kind kind) {
    switch (kind) {
    case failure_kind::missing:
        return "InterpolationMissingOptionError";
    case failure_kind::cycle:
        return "InterpolationCycleError";
    case failure_kind::too_deep:
        return "InterpolationDepthError";
    case failure_kind::too_large:
        return "InterpolationSizeError";
    default:
        return "InterpolationSyntaxError";
    }
}

json::object problem_object(const problem& found, std::size_t file) {
    json::object out{
        {"phase", found.kind == problem_kind::not_utf8 ? "decode" : "read"},
        {"kind", python_kind(found.kind)},
        {"file", file},
        {"line", found.line},
        {"column", found.column},
    };
    if (found.kind == problem_kind::not_utf8)
        out["offset"] = found.offset;
    if (found.kind == problem_kind::duplicate_section ||
        found.kind == problem_kind::duplicate_option)
        out["section"] = found.section;
    if (found.kind == problem_kind::duplicate_option)
        out["option"] = found.option;
    return out;
}

// The files of a request as one configuration.
class model {
  public:
    explicit model(const json::array& files) {
        for (std::size_t i = 0; i < files.size(); ++i) {
            documents_.push_back(parse(source_of(files[i], i)));
            failed = failed || documents_.back()->failed;
        }
        rebuild();
    }

    bool failed = false;

    json::array read_errors() const {
        json::array out;
        for (std::size_t i = 0; i < documents_.size(); ++i)
            for (const problem& one : documents_[i]->problems)
                if (!one.is_warning())
                    out.push_back(problem_object(one, i));
        return out;
    }

    json::array evaluate(json::object& sections, json::object& raw, json::array& order) {
        json::array errors;
        for_each([&](option_ref what, bool first) {
            const std::string_view section = section_name(what.section);
            if (first) {
                sections[section] = json::object{};
                raw[section] = json::object{};
                order.push_back(json::array{section, json::array{}});
            }
            if (what.slot == layers::none)
                return;
            const entry& e = over_.at(what.slot).written();
            raw[section].as_object()[e.name] = e.raw;
            order.back().as_array()[1].as_array().push_back(json::string{e.name});
            interpolated result = values_->evaluate(what);
            if (result.wrong)
                errors.push_back(failure_object(*result.wrong, what));
            sections[section].as_object()[e.name] =
                result.wrong ? json::value{} : json::value(result.text);
        });
        return errors;
    }

    json::object origins() const {
        json::object out;
        for_each([&](option_ref what, bool first) {
            const std::string_view section = section_name(what.section);
            if (first)
                out[section] = json::object{};
            if (what.slot == layers::none)
                return;
            const slot& s = over_.at(what.slot);
            const entry& e = s.written();
            out[section].as_object()[e.name] =
                json::array{file_of(s.from), e.line, e.column, e.value_column};
        });
        return out;
    }

    json::value run(const json::array& op) {
        const auto text = [&](std::size_t i) {
            return i < op.size() ? std::string{op[i].as_string()} : std::string{};
        };
        const std::string name = text(0);
        if (name == "get")
            return json::string{get(text(1), text(2))};
        if (name == "get_raw")
            return json::string{over_.at(find(text(1), text(2)).slot).written().raw};
        if (name == "getint")
            return integer(get(text(1), text(2)));
        if (name == "getfloat")
            return json::string{real(get(text(1), text(2)))};
        if (name == "getboolean")
            return boolean(get(text(1), text(2)));
        if (name == "has_section")
            return own_section(text(1)) != layers::none;
        if (name == "has_option")
            return has_option(text(1), text(2));
        if (name == "sections")
            return section_list();
        if (name == "options" || name == "items")
            return listing(text(1), name == "items");
        if (name == "write" || name == "write_tight")
            return json::string{written(name == "write")};
        if (name == "reread")
            return reread();
        return change(name, text(1), text(2), text(3));
    }

  private:
    template <typename Each>
    void for_each(Each&& each) const {
        for (std::uint32_t i = 0; i < over_.sections().size(); ++i) {
            bool first = true;
            over_.for_each_option(i, [&](std::uint32_t slot) {
                each(option_ref{i, slot}, first);
                first = false;
            });
            if (first)
                each(option_ref{i, layers::none}, true);
        }
    }

    std::string_view section_name(std::uint32_t i) const { return over_.sections()[i].name; }

    std::size_t file_of(const document* searched) const {
        for (std::size_t i = 0; i < documents_.size(); ++i)
            if (documents_[i].get() == searched)
                return i;
        return 0;
    }

    void rebuild() {
        values_.reset();
        over_ = layers{};
        for (const auto& one : documents_)
            over_.add(one);
        surroundings plain;
        plain.extensions = false;
        values_.emplace(over_, plain);
    }

    json::object failure_object(const failure& wrong, option_ref asked) const {
        json::object out = failure_object(wrong);
        out["section"] = section_name(asked.section);
        out["option"] = over_.at(asked.slot).written().name;
        return out;
    }

    json::object failure_object(const failure& wrong) const {
        const base::location where = where_is(over_, wrong, false);
        json::object out{
            {"phase", "interpolate"},
            {"kind", python_kind(wrong.kind)},
            {"at",
             json::array{
                 section_name(wrong.option.section), over_.at(wrong.option.slot).written().name
             }},
            {"file", file_of(over_.at(wrong.option.slot).from)},
            {"line", where.line},
            {"column", where.column},
        };
        if (wrong.kind == failure_kind::missing)
            out["reference"] = wrong.reference;
        json::array chain;
        for (const option_ref& one : wrong.chain)
            chain.push_back(json::string{
                fmt::format("{}:{}", section_name(one.section), over_.at(one.slot).written().name)
            });
        if (!chain.empty())
            out["chain"] = chain;
        return out;
    }

    std::uint32_t own_section(std::string_view name) const {
        const std::uint32_t found = over_.find_section(name);
        return found == 0 ? layers::none : found;
    }

    option_ref find(std::string_view section, std::string_view option) const {
        const std::uint32_t s = over_.find_section(section);
        if (s == layers::none)
            raise("NoSectionError", section);
        const std::uint32_t o = over_.find(s, fold(option));
        if (o == layers::none)
            throw op_error{{{"kind", "NoOptionError"}, {"section", section}, {"option", option}}};
        return {s, o};
    }

    std::string get(std::string_view section, std::string_view option) {
        interpolated result = values_->evaluate(find(section, option));
        if (result.wrong) {
            json::object what = failure_object(*result.wrong);
            for (const char* extra : {"file", "line", "column", "chain"})
                what.erase(extra);
            throw op_error{std::move(what)};
        }
        return result.text;
    }

    bool has_option(std::string_view section, std::string_view option) const {
        const std::uint32_t s = over_.find_section(section);
        return s != layers::none && over_.find(s, fold(option)) != layers::none;
    }

    json::array section_list() const {
        json::array out;
        for (const merged_section& one : over_.sections().subspan(1))
            out.push_back(json::string{one.name});
        return out;
    }

    json::array listing(std::string_view section, bool with_values) {
        const std::uint32_t s = over_.find_section(section);
        if (s == layers::none || (s == 0 && !with_values))
            raise("NoSectionError", section);
        std::vector<std::string_view> names;
        if (with_values) { // items() begins with the defaults, in their place
            over_.for_each_option(0, [&](std::uint32_t i) {
                names.push_back(over_.at(i).written().name);
            });
        }
        over_.for_each_option(s, [&](std::uint32_t i) {
            const std::string_view name = over_.at(i).written().name;
            if (std::find(names.begin(), names.end(), name) == names.end())
                names.push_back(name);
        });
        json::array out;
        for (const std::string_view name : names) {
            if (with_values)
                out.push_back(json::array{name, json::string{get(section, name)}});
            else
                out.push_back(json::string{name});
        }
        return out;
    }

    static json::value integer(const std::string& text) {
        if (const auto value = base::parse_integer(text))
            return *value;
        // Python's have any size: past 64 bits only the digits are looked at.
        const std::string digits{base::strip(text)};
        if (digits.size() < 19 || digits.find_first_not_of("0123456789") != std::string::npos)
            raise("ValueError");
        return json::object{{"digits", digits}};
    }

    static std::string real(const std::string& text) {
        std::string word = base::lower_ascii(base::strip(text));
        std::erase(word, '_');
        if (word == "inf" || word == "nan")
            return word;
        const auto value = base::parse_real(word);
        if (!value)
            raise("ValueError");
        std::string out = fmt::format("{}", *value);
        return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
    }

    static bool boolean(const std::string& text) {
        const auto value = base::parse_boolean(text);
        if (!value || base::strip(text) != text)
            raise("ValueError");
        return *value;
    }

    std::string written(bool spaces) const {
        std::string out;
        for (std::uint32_t i = 0; i < over_.sections().size(); ++i) {
            if (i == 0 && over_.sections()[0].count == 0)
                continue;
            out += fmt::format("[{}]\n", section_name(i));
            for (std::uint32_t s = over_.sections()[i].first; s != layers::none;
                 s = over_.at(s).next) {
                const entry& e = over_.at(s).written();
                out += fmt::format("{}{}", e.name, spaces ? " = " : "=");
                for (const char c : e.raw)
                    out += c == '\n' ? "\n\t" : std::string(1, c);
                out += '\n';
            }
            out += '\n';
        }
        return out;
    }

    bool reread() const {
        layers again;
        again.add(parse(std::make_shared<const base::source>("written", written(true))));
        if (again.sections().size() != over_.sections().size())
            return false;
        for (std::uint32_t i = 0; i < over_.sections().size(); ++i) {
            std::map<std::string_view, std::string_view> a, b;
            over_.for_each_option(i, [&](std::uint32_t s) {
                a[over_.at(s).written().name] = over_.at(s).written().raw;
            });
            again.for_each_option(i, [&](std::uint32_t s) {
                b[again.at(s).written().name] = again.at(s).written().raw;
            });
            if (a != b)
                return false;
        }
        return true;
    }

    // A well-formed value holds no '$' but in "$$" and references.
    static bool well_formed(std::string_view text) {
        for (std::size_t at = text.find('$'); at != std::string_view::npos;
             at = text.find('$', at)) {
            const char after = at + 1 < text.size() ? text[at + 1] : '\0';
            if (after == '$') {
                at += 2;
                continue;
            }
            const std::size_t close = after == '{'   ? text.find('}', at)
                                      : after == '<' ? text.find('>', at)
                                                     : text.npos;
            if (close == std::string_view::npos || close < at + 3)
                return false;
            at = close + 1;
        }
        return true;
    }

    json::value change(
        const std::string& name,
        const std::string& section,
        const std::string& option,
        const std::string& value
    ) {
        contents all = copy();
        json::value result;
        const std::uint32_t s = over_.find_section(section);
        if (name == "add_section") {
            if (section == default_section)
                raise("ValueError");
            if (s != layers::none)
                raise("DuplicateSectionError", section);
            all.emplace_back(section, options_t{});
        } else if (name == "remove_section") {
            result = own_section(section) != layers::none;
            std::erase_if(all, [&](const auto& one) {
                return one.first == section && section != default_section;
            });
        } else if (name == "remove_option") {
            if (s == layers::none)
                raise("NoSectionError", section);
            result = over_.find_own(s, fold(option)) != layers::none;
            std::erase_if(all[s].second, [&](const auto& one) {
                return one.first == fold(option);
            });
        } else {
            set(all, name == "set_cli", s, section, option, value);
        }
        replace(all);
        return result;
    }

    using options_t = std::vector<std::pair<std::string, std::string>>;
    using contents = std::vector<std::pair<std::string, options_t>>;

    void
    set(contents& all,
        bool like_cli,
        std::uint32_t s,
        const std::string& section,
        const std::string& option,
        const std::string& value) const {
        if (!like_cli && !well_formed(value))
            raise("ValueError");
        if (s == layers::none && !like_cli)
            raise("NoSectionError", section);
        if (s == layers::none) {
            s = static_cast<std::uint32_t>(all.size());
            all.emplace_back(section, options_t{});
        }
        for (auto& [name, text] : all[s].second) {
            if (name == fold(option)) {
                text = value;
                return;
            }
        }
        all[s].second.emplace_back(fold(option), value);
    }

    contents copy() const {
        contents out;
        for (std::uint32_t i = 0; i < over_.sections().size(); ++i) {
            out.emplace_back(section_name(i), options_t{});
            for (std::uint32_t s = over_.sections()[i].first; s != layers::none;
                 s = over_.at(s).next)
                out.back().second.emplace_back(
                    over_.at(s).written().name, over_.at(s).written().raw
                );
        }
        return out;
    }

    void replace(const contents& all) {
        const auto fresh = std::make_shared<document>();
        fresh->source = std::make_shared<const base::source>("changed", "");
        for (std::uint32_t i = 0; i < all.size(); ++i) {
            const std::string_view name = fresh->room.keep(all[i].first);
            fresh->sections.push_back({name, 1, 1, hash_of(name)});
            for (const auto& [option, text] : all[i].second) {
                entry& e = fresh->entries.emplace_back();
                e.name = fresh->room.keep(option);
                e.raw = fresh->room.keep(text);
                e.section = i;
                e.hash = hash_of(e.name);
            }
        }
        documents_ = {fresh};
        rebuild();
    }

    std::vector<std::shared_ptr<const document>> documents_;
    layers over_;
    std::optional<interpolator> values_;
};

json::array run_ops(model& on, const json::array& ops) {
    json::array out;
    for (const json::value& op : ops) {
        try {
            out.push_back(json::object{{"value", on.run(op.as_array())}});
        } catch (op_error& e) {
            out.push_back(json::object{{"error", std::move(e.what)}});
        }
    }
    return out;
}

// Integers beyond 64 bits have no place in a json::value.
std::string with_big_numbers(std::string text) {
    constexpr std::string_view mark = "{\"digits\":\"";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
        const std::size_t end = text.find("\"}", at);
        text.replace(at, end + 2 - at, text.substr(at + mark.size(), end - at - mark.size()));
    }
    return text;
}

} // namespace

std::string answer(const json::object& request) {
    model all{request.at("files").as_array()};
    json::object out{{"parsed", !all.failed}};
    if (const json::value* id = request.if_contains("id"))
        out["id"] = *id;
    if (all.failed) {
        out["ok"] = false;
        out["sections"] = out["raw"] = out["order"] = nullptr;
        out["errors_all"] = all.read_errors();
        return json::serialize(out);
    }
    json::object sections, raw;
    json::array order;
    json::array errors = all.evaluate(sections, raw, order);
    out["ok"] = errors.empty();
    out["errors_all"] = std::move(errors);
    out["sections"] = std::move(sections);
    out["raw"] = std::move(raw);
    out["order"] = std::move(order);
    out["origins"] = all.origins();
    if (const json::value* ops = request.if_contains("ops"))
        out["ops"] = run_ops(all, ops->as_array());
    return with_big_numbers(json::serialize(out));
}

} // namespace aio::tests
