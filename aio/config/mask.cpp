#include <aio/config/edit.hpp>
#include <aio/config/fold.hpp>
#include <aio/config/text_layout.hpp>

namespace aio::config {

std::string mask_secrets(
    std::string_view text,
    const std::function<bool(std::string_view section, std::string_view option)>& secret
) {
    if (!secret)
        return std::string{text};
    const text_layout layout{text};
    std::string out{layout.text.substr(0, layout.lines.empty() ? 0 : layout.lines.front().from)};
    std::string_view section;
    bool hidden = false;
    for (std::size_t i = 0; i < layout.lines.size(); ++i) {
        const line& row = layout.lines[i];
        if (row.kind == line_kind::header)
            section = row.name;
        if (row.kind == line_kind::header || row.kind == line_kind::option)
            hidden = row.kind == line_kind::option && secret(section, fold(row.name));
        const std::string_view part = row.kind == line_kind::option         ? row.value
                                      : row.kind == line_kind::continuation ? row.content
                                                                            : std::string_view{};
        if (hidden && !part.empty()) {
            const auto start = static_cast<std::size_t>(part.data() - text.data());
            out += text.substr(row.from, start - row.from);
            out += base::secret_mask;
            out += layout.end_of(i);
        } else {
            out += layout.whole(i);
        }
    }
    return out;
}

} // namespace aio::config
