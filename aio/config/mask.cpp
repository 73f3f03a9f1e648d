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
    const text_layout in{text};
    std::string out{in.text.substr(0, in.lines.empty() ? 0 : in.lines.front().from)};
    std::string_view section;
    bool hidden = false;
    for (std::size_t i = 0; i < in.lines.size(); ++i) {
        const line& one = in.lines[i];
        if (one.kind == line_kind::header)
            section = one.name;
        if (one.kind == line_kind::header || one.kind == line_kind::option)
            hidden = one.kind == line_kind::option && secret(section, fold(one.name));
        const std::string_view part = one.kind == line_kind::option         ? one.value
                                      : one.kind == line_kind::continuation ? one.content
                                                                            : std::string_view{};
        if (hidden && !part.empty()) {
            const auto start = static_cast<std::size_t>(part.data() - text.data());
            out += text.substr(one.from, start - one.from);
            out += base::secret_mask;
            out += in.end_of(i);
        } else {
            out += in.whole(i);
        }
    }
    return out;
}

} // namespace aio::config
