#include <aio/log/literal.hpp>

#include <charconv>
#include <utility>

namespace aio::log {

namespace {

constexpr int deepest = 8;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

int hex_digit(char c) {
    if (is_digit(c))
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

struct failure {
    literal_error error;
};

class parser {
  public:
    explicit parser(std::string_view text) : text_(text) {}

    literal::tuple run() {
        blanks();
        if (peek() != '(' && peek() != '[')
            fail("args has to be a tuple such as ('x.log', 'a')");
        const std::size_t start = at_;
        bool comma = false;
        literal::tuple found = tuple(0, comma);
        if (found.size() == 1 && !comma && text_[start] == '(') {
            at_ = start;
            fail("a tuple of one needs a comma: ('x.log',)");
        }
        blanks();
        if (at_ < text_.size())
            fail("unexpected text after the tuple");
        return found;
    }

  private:
    [[noreturn]] void fail(std::string text) const { throw failure{{at_, std::move(text)}}; }

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void blanks() {
        while (at_ < text_.size() && std::string_view(" \t\r\n\f").find(text_[at_]) != text_.npos)
            ++at_;
    }

    literal::tuple tuple(int depth, bool& comma) {
        if (depth == deepest)
            fail("tuples nested too deeply");
        const char end = text_[at_++] == '(' ? ')' : ']';
        literal::tuple found;
        for (;;) {
            blanks();
            if (peek() == end) {
                ++at_;
                return found;
            }
            if (!found.empty() && !comma)
                fail(std::string("',' or '") + end + "' expected");
            found.push_back(product(depth));
            blanks();
            comma = peek() == ',';
            if (comma)
                ++at_;
        }
    }

    /// 10 * 1024 * 1024 is how sizes are written.
    literal product(int depth) {
        literal found = item(depth);
        for (blanks(); peek() == '*'; blanks()) {
            ++at_;
            blanks();
            const literal other = item(depth);
            const auto* a = std::get_if<std::int64_t>(&found.value);
            const auto* b = std::get_if<std::int64_t>(&other.value);
            std::int64_t result = 0;
            if (!a || !b)
                fail("only whole numbers can be multiplied");
            if (__builtin_mul_overflow(*a, *b, &result))
                fail("number too large");
            found.value = result;
        }
        return found;
    }

    literal item(int depth) {
        const std::size_t start = at_;
        const char c = peek();
        literal found;
        found.offset = start;
        if (c == '(' || c == '[') {
            bool comma = false;
            literal::tuple inner = tuple(depth + 1, comma);
            if (inner.size() == 1 && !comma && c == '(')
                found.value = std::move(inner[0].value);
            else
                found.value = std::move(inner);
        } else if (c == '"' || c == '\'') {
            found.value = quoted(false);
        } else if (is_digit(c) || c == '-' || c == '+' || c == '.') {
            number(found);
        } else if (is_letter(c)) {
            word(found);
        } else {
            fail(at_ == text_.size() ? "')' expected" : "a text, a number or a name expected");
        }
        return found;
    }

    void word(literal& argument) {
        const std::size_t start = at_;
        while (is_letter(peek()) || is_digit(peek()) || peek() == '.')
            ++at_;
        std::string name(text_.substr(start, at_ - start));
        const bool quote = peek() == '"' || peek() == '\'';
        if (quote && (name == "r" || name == "R"))
            argument.value = quoted(true);
        else if (quote && (name == "u" || name == "U"))
            argument.value = quoted(false);
        else if (name == "None")
            argument.value = literal::none{};
        else if (name == "True" || name == "False")
            argument.value = name == "True";
        else
            argument.value = literal::dotted{std::move(name)};
    }

    std::string quoted(bool raw) {
        const std::size_t start = at_;
        const char quote = text_[at_++];
        std::string found;
        for (; peek() != quote; ++at_) {
            if (at_ >= text_.size() || text_[at_] == '\n') {
                at_ = start;
                fail("the text does not end");
            }
            if (text_[at_] == '\\' && at_ + 1 < text_.size())
                escape(found, raw);
            else
                found += text_[at_];
        }
        ++at_;
        return found;
    }

    /// Leaves at_ on the last character of the escape.
    void escape(std::string& out, bool raw) {
        const char c = text_[++at_];
        if (raw) {
            (out += '\\') += c;
            return;
        }
        switch (c) {
        case '\\':
        case '\'':
        case '"':
            out += c;
            return;
        case 'n':
            out += '\n';
            return;
        case 'r':
            out += '\r';
            return;
        case 't':
            out += '\t';
            return;
        case 'x':
            return byte(out);
        default:
            --at_;
            fail("unknown escape; write \\\\ for a backslash");
        }
    }

    void byte(std::string& out) {
        const int high = at_ + 1 < text_.size() ? hex_digit(text_[at_ + 1]) : -1;
        const int low = at_ + 2 < text_.size() ? hex_digit(text_[at_ + 2]) : -1;
        if (high < 0 || low < 0 || high > 7)
            fail("\\x needs two hexadecimal digits of an ASCII character");
        out += static_cast<char>(high * 16 + low);
        at_ += 2;
    }

    void number(literal& argument) {
        const std::size_t start = at_;
        std::string digits;
        if (peek() == '-' || peek() == '+')
            if (text_[at_++] == '-')
                digits = "-";
        const bool hex = text_.substr(at_, 2) == "0x" || text_.substr(at_, 2) == "0X";
        if (hex)
            at_ += 2;
        bool real = false;
        for (; is_digit(peek()) || is_letter(peek()) || peek() == '.'; ++at_) {
            real = real || (!hex && (peek() == '.' || peek() == 'e' || peek() == 'E'));
            if (peek() != '_')
                digits += peek();
            if (real && (peek() == 'e' || peek() == 'E') && at_ + 1 < text_.size() &&
                (text_[at_ + 1] == '-' || text_[at_ + 1] == '+')) {
                ++at_;
                if (peek() == '-')
                    digits += '-';
            }
        }
        const std::errc wrong =
            real ? read<double>(argument, digits) : read_whole(argument, digits, hex);
        if (wrong == std::errc{})
            return;
        at_ = start;
        fail(wrong == std::errc::result_out_of_range ? "number too large" : "not a number");
    }

    static std::errc
    outcome(const std::string& digits, const std::from_chars_result& read) noexcept {
        const bool all = read.ptr == digits.data() + digits.size();
        return all ? read.ec : std::errc::invalid_argument;
    }

    template <typename Number>
    static std::errc read(literal& number, const std::string& digits) {
        Number value{};
        const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        number.value = value;
        return outcome(digits, result);
    }

    static std::errc read_whole(literal& number, const std::string& digits, bool hex) {
        std::int64_t value = 0;
        const char* last = digits.data() + digits.size();
        const auto result = std::from_chars(digits.data(), last, value, hex ? 16 : 10);
        number.value = value;
        return outcome(digits, result);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

std::optional<literal::tuple> parse_arguments(std::string_view text, literal_error& error) {
    try {
        return parser(text).run();
    } catch (failure& found) {
        error = std::move(found.error);
        return std::nullopt;
    }
}

} // namespace aio::log
