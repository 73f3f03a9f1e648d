#include <aio/base/text.hpp>
#include <aio/log/pattern.hpp>

#include <algorithm>
#include <array>

namespace aio::log {

namespace {

enum class kind { text, integer, real };

struct known_field {
    std::string_view name;
    field of;
    kind is;
};

constexpr std::array<known_field, 12> known_fields{{
    {"asctime", field::asctime, kind::text},
    {"created", field::created, kind::real},
    {"msecs", field::msecs, kind::real},
    {"relativeCreated", field::relative_created, kind::real},
    {"levelname", field::level_name, kind::text},
    {"levelno", field::level_number, kind::integer},
    {"name", field::name, kind::text},
    {"message", field::message, kind::text},
    {"process", field::process, kind::integer},
    {"processName", field::process_name, kind::text},
    {"thread", field::thread, kind::integer},
    {"threadName", field::thread_name, kind::text},
}};

/// Fields of Python's that have no counterpart here, and what to say about them.
std::string_view why_missing(std::string_view name) {
    for (std::string_view place : {"pathname", "filename", "module", "lineno", "funcName"})
        if (name == place)
            return "a record does not know where in the source it was logged";
    for (std::string_view text : {"msg", "args"})
        if (name == text)
            return "use %(message)s, the text with its arguments";
    if (name == "exc_info" || name == "exc_text" || name == "stack_info")
        return "errors are part of %(message)s";
    return name == "taskName" ? "tasks have no name in a record" : "";
}

constexpr unsigned widest = 1000;

class parser {
  public:
    parser(std::string_view format, std::vector<pattern_error>& errors)
        : text_(format), errors_(errors) {}

    std::vector<piece> run() {
        while (at_ < text_.size()) {
            if (text_[at_] != '%')
                literal(text_[at_++]);
            else
                percent();
        }
        return std::move(pieces_);
    }

  private:
    void literal(char c) {
        if (pieces_.empty() || pieces_.back().kind != field::literal)
            pieces_.emplace_back();
        pieces_.back().text += c;
    }

    void error(std::size_t offset, std::string text, std::string hint = {}) {
        errors_.push_back({offset, std::move(text), std::move(hint)});
    }

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void percent() {
        const std::size_t start = at_++;
        if (peek() == '%') {
            ++at_;
            return literal('%');
        }
        if (peek() != '(')
            return error(
                start, "'%' has to be followed by '%' or '(field)'", "'%%' is a percent sign"
            );
        const std::size_t end = text_.find(')', at_);
        if (end == std::string_view::npos) {
            at_ = text_.size();
            return error(start, "'%(' without ')'");
        }
        const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        piece found;
        if (flags(found, start))
            field_of(name, found, start);
    }

    /// Flags, width, precision and the conversion letter; false when that was reported as wrong.
    bool flags(piece& piece, std::size_t start) {
        for (;; ++at_) {
            switch (peek()) {
            case '-':
                piece.left = true;
                continue;
            case '0':
                piece.zero = true;
                continue;
            case '+':
                piece.plus = true;
                continue;
            case ' ':
                piece.space = true;
                continue;
            case '#':
                piece.alternate = true;
                continue;
            default:
                break;
            }
            break;
        }
        piece.width = number();
        if (peek() == '.') {
            ++at_;
            piece.precision = static_cast<int>(number());
        }
        if (piece.width > widest || piece.precision > static_cast<int>(widest)) {
            error(start, "a field can be at most 1000 wide");
            return false;
        }
        piece.conversion = peek();
        if (at_ < text_.size())
            ++at_;
        return true;
    }

    unsigned number() {
        unsigned value = 0;
        for (; peek() >= '0' && peek() <= '9'; ++at_)
            value = std::min(value * 10 + static_cast<unsigned>(peek() - '0'), widest + 1);
        return value;
    }

    void field_of(std::string_view name, piece& found, std::size_t start) {
        const auto* known = std::ranges::find(known_fields, name, &known_field::name);
        if (known == known_fields.end())
            return unknown(name, start);
        const std::string_view taken = known->is == kind::text      ? "s"
                                       : known->is == kind::integer ? "sdiufFeEgGxXo"
                                                                    : "sdiufFeEgG";
        if (found.conversion == '\0' || taken.find(found.conversion) == std::string_view::npos) {
            const std::string field = "%(" + std::string(name) + ")";
            return error(
                start,
                found.conversion == '\0'
                    ? field + " needs a conversion after it"
                    : field + " cannot be converted by '" + std::string(1, found.conversion) + "'",
                "write " + field +
                    (known->is == kind::integer ? "d"
                     : known->is == kind::real  ? "f"
                                                : "s")
            );
        }
        found.kind = known->of;
        pieces_.push_back(std::move(found));
    }

    void unknown(std::string_view name, std::size_t start) {
        std::vector<std::string> names;
        for (const known_field& one : known_fields)
            names.emplace_back(one.name);
        std::string hint{why_missing(name)};
        if (hint.empty())
            hint = base::did_you_mean(name, names);
        if (hint.empty())
            hint = "there are " + base::join(names, ", ");
        error(start, "unknown field '" + std::string(name) + "' in a log format", std::move(hint));
    }

    std::string_view text_;
    std::vector<pattern_error>& errors_;
    std::vector<piece> pieces_;
    std::size_t at_ = 0;
};

} // namespace

std::vector<piece> parse_pattern(std::string_view format, std::vector<pattern_error>& errors) {
    return parser(format, errors).run();
}

} // namespace aio::log
