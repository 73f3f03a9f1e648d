#include <aio/config/secrets.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

namespace aio::config {

namespace {

// The lines of sources that hold secrets, each with the column where the secret begins.
using secret_lines = std::map<std::pair<const base::source*, std::uint32_t>, std::uint32_t>;

template <typename Call>
void each_secret(const tree& all, Call call) {
    const auto of_section = [&](const section& from) {
        for (const value& option : from.values())
            if (option.secret)
                call(from, option);
    };
    of_section(all.defaults());
    for (const section& owner : all.sections())
        of_section(owner);
}

secret_lines lines_of(const tree& all) {
    secret_lines out;
    const auto add = [&](const base::location& place) {
        if (place.from && place.secret_from != 0)
            out.try_emplace({place.from.get(), place.line}, place.secret_from);
    };
    each_secret(all, [&](const section& from, const value& value) {
        const auto count = std::count(value.raw.begin(), value.raw.end(), '\n') + 1;
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
            add(from.line_of(value, i));
        for (const overridden& old : from.replaced(value))
            add(old.where);
    });
    return out;
}

/// What the references of a value contribute: "s3cr3t" of "./${file:key}.log". It may be shown with
/// another text around it, such as a path that is absolute or a name without its quotes.
std::string_view contribution(const value& option) {
    std::string_view text = option.text, raw = option.raw;
    const std::size_t begin = raw.find('$'), end = raw.rfind('}');
    if (begin == raw.npos || end == raw.npos || end < begin)
        return text;
    const std::string_view after = raw.substr(end + 1);
    if (text.ends_with(after))
        text.remove_suffix(after.size());
    if (text.starts_with(raw.substr(0, begin)))
        text.remove_prefix(begin);
    return text;
}

} // namespace

base::secret_texts secret_texts_of(const tree& all) {
    base::secret_texts out;
    each_secret(all, [&](const section&, const value& option) {
        out.add(option.text);
        if (option.declared_secret)
            out.add(option.raw);
        else
            out.add(contribution(option));
    });
    for (const std::string& text : all.secret_defaults())
        out.add(text);
    return out;
}

base::diagnostics masked(const base::diagnostics& all, const tree& configuration) {
    if (all.empty())
        return all;
    const base::secret_texts texts = secret_texts_of(configuration);
    const secret_lines lines = lines_of(configuration);
    base::diagnostics out;
    for (base::diagnostic problem : all) {
        const auto found = lines.find({problem.where.from.get(), problem.where.line});
        if (problem.where.secret_from == 0 && found != lines.end())
            problem.where.secret_from = found->second;
        out.add(base::masked(problem, texts));
    }
    return out;
}

} // namespace aio::config
