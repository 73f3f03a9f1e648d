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
        for (const value& one : from.values())
            if (one.secret)
                call(from, one);
    };
    of_section(all.defaults());
    for (const section& one : all.sections())
        of_section(one);
}

secret_lines lines_of(const tree& all) {
    secret_lines out;
    const auto add = [&](const base::location& at) {
        if (at.from && at.secret_from != 0)
            out.try_emplace({at.from.get(), at.line}, at.secret_from);
    };
    each_secret(all, [&](const section& from, const value& one) {
        const auto count = std::count(one.raw.begin(), one.raw.end(), '\n') + 1;
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
            add(from.line_of(one, i));
        for (const overridden& old : from.replaced(one))
            add(old.where);
    });
    return out;
}

/// What the references of a value contribute: "s3cr3t" of "./${file:key}.log". It may be shown with
/// another text around it, such as a path that is absolute or a name without its quotes.
std::string_view contribution(const value& one) {
    std::string_view text = one.text, raw = one.raw;
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
    each_secret(all, [&](const section&, const value& one) {
        out.add(one.text);
        if (one.declared_secret)
            out.add(one.raw);
        else
            out.add(contribution(one));
    });
    for (const std::string& one : all.secret_defaults())
        out.add(one);
    return out;
}

base::diagnostics masked(const base::diagnostics& all, const tree& in) {
    if (all.empty())
        return all;
    const base::secret_texts texts = secret_texts_of(in);
    const secret_lines lines = lines_of(in);
    base::diagnostics out;
    for (base::diagnostic one : all) {
        const auto found = lines.find({one.where.from.get(), one.where.line});
        if (one.where.secret_from == 0 && found != lines.end())
            one.where.secret_from = found->second;
        out.add(base::masked(one, texts));
    }
    return out;
}

} // namespace aio::config
