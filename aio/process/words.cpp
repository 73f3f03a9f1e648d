#include <aio/process/words.hpp>

#include <utility>

namespace aio::process {

namespace {

constexpr std::string_view blanks = " \t\n\r\v\f";
constexpr std::string_view only_for_shells = "|&;<>()`*?";
constexpr std::string_view escaped_in_quotes = "\\\"$`";

class splitter {
  public:
    explicit splitter(std::string_view text) : text_(text) {}

    words split() {
        while (at_ < text_.size() && !out_.error)
            step();
        finish();
        return std::move(out_);
    }

  private:
    void step() {
        const char c = text_[at_];
        if (!in_word_)
            begin_ = at_;
        if (blanks.find(c) != blanks.npos) {
            finish();
            ++at_;
        } else if (c == '\'')
            single();
        else if (c == '"')
            twofold();
        else if (c == '\\')
            escape();
        else
            plain(c);
    }

    void plain(char c) {
        if (!out_.shell_character && only_for_shells.find(c) != only_for_shells.npos) {
            out_.shell_character = c;
            out_.shell_offset = at_;
        }
        take(c);
        ++at_;
    }

    void single() {
        const std::size_t end = text_.find('\'', at_ + 1);
        if (end == text_.npos)
            return fail("the quote ' is not closed");
        in_word_ = true;
        word_ += text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
    }

    void twofold() {
        in_word_ = true;
        for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
            if (text_[i] == '"') {
                at_ = i + 1;
                return;
            }
            if (text_[i] == '\\' && i + 1 < text_.size()) {
                if (text_[i + 1] == '\n') {
                    ++i;
                    continue;
                }
                if (escaped_in_quotes.find(text_[i + 1]) != escaped_in_quotes.npos)
                    ++i;
            }
            word_ += text_[i];
        }
        fail("the quote \" is not closed");
    }

    void escape() {
        if (at_ + 1 == text_.size())
            return fail("a backslash at the end");
        if (text_[at_ + 1] != '\n')
            take(text_[at_ + 1]);
        at_ += 2;
    }

    void take(char c) {
        in_word_ = true;
        word_ += c;
    }

    void finish() {
        if (in_word_) {
            out_.all.push_back(std::exchange(word_, {}));
            out_.offsets.push_back(begin_);
        }
        in_word_ = false;
    }

    void fail(const char* why) { out_.error = split_error{at_, why}; }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t begin_ = 0; ///< of the current word
    words out_;
    std::string word_;
    bool in_word_ = false;
};

} // namespace

words split_words(std::string_view text) {
    return splitter(text).split();
}

} // namespace aio::process
