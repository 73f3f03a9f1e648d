#include <aio/base/system_reason.hpp>

#include <fmt/format.h>
#include <sys/resource.h>

#include <cerrno>
#include <utility>

namespace aio::base {

namespace {

std::string words_of(int error) {
    return std::generic_category().message(error);
}

/// " (this process may have 40, see ulimit -n)"; empty when the system does not tell.
std::string limit_of_descriptors() {
    ::rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0)
        return {};
    return fmt::format(" (this process may have {}, see ulimit -n)", files.rlim_cur);
}

} // namespace

std::string system_reason(int error) {
    return error == EMFILE ? words_of(error) + limit_of_descriptors() : words_of(error);
}

// The words for a lack in the whole system begin with the same ones.
std::string with_limit(std::string text) {
    const std::string words = words_of(EMFILE);
    const std::size_t place = text.find(words);
    if (place == text.npos || text.find("ulimit -n") != text.npos ||
        text.compare(place, words_of(ENFILE).size(), words_of(ENFILE)) == 0)
        return text;
    return text.insert(place + words.size(), limit_of_descriptors());
}

system_failure::system_failure(int error, const std::string& subject)
    : system_failure(error, whole_text{std::runtime_error(subject + ": " + system_reason(error))}) {
}

system_failure system_failure::in_words(int error, const std::string& text) {
    return {error, whole_text{std::runtime_error(text)}};
}

system_failure::system_failure(int error, whole_text whole)
    : std::system_error(error, std::system_category()), text_(std::move(whole.text)) {}

} // namespace aio::base
