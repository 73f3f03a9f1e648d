#include <aio/base/visible.hpp>
#include <aio/base/write_text.hpp>
#include <aio/log/complaints.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <exception>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace aio::log {

namespace {

constexpr std::chrono::seconds between_messages{1};
/// More targets than that share one entry.
constexpr std::size_t most_losses = 64;
constexpr std::string_view other_targets = "other targets", a_handler = "a handler";
constexpr std::string_view untold = "{records} of the log to {target} {were} lost: {why}";

std::string counted(std::uint64_t records) {
    return fmt::format("{} record{}", records, records == 1 ? "" : "s");
}

} // namespace

complaints::~complaints() {
    tell_losses();
}

/// Does not wait for a reader. A line that was cut ends before the next one begins, and the next
/// one that is written is preceded by the number of those that were not. False: it is not written.
bool complaints::print(std::string_view line) const noexcept {
    const std::unique_lock guard(printing_, std::try_to_lock);
    if (!guard) { // the thread that prints may block, for example on a terminal
        ++unprinted_;
        return false;
    }
    if (torn_)
        torn_ = !put("\n");
    if (const std::uint64_t left_out = unprinted_; left_out != 0 && !torn_) {
        std::array<char, 96> room;
        const auto made = fmt::format_to_n(
            room.data(),
            room.size(),
            "aio: log: {} messages were lost or cut, standard error did not take them\n",
            left_out
        );
        if (put({room.data(), made.size}))
            unprinted_ -= left_out;
    }
    const bool printed = unprinted_ == 0 && put(line);
    if (!printed)
        ++unprinted_;
    return printed;
}

bool complaints::put(std::string_view text) const noexcept {
    const base::written done = base::write_text(STDERR_FILENO, text, std::chrono::milliseconds(0));
    if (done.error != 0 && done.bytes > 0)
        torn_ = true;
    return done.error == 0;
}

void complaints::hide(std::shared_ptr<const base::secret_texts> secrets) noexcept {
    const std::lock_guard guard(lock_);
    secrets_ = std::move(secrets);
}

std::string complaints::shown(std::string_view text) const {
    std::shared_ptr<const base::secret_texts> secrets;
    {
        const std::lock_guard guard(lock_);
        secrets = secrets_;
    }
    return secrets ? secrets->mask(text) : std::string(text);
}

/// The names of files and the reasons that sinks give come from others. Secrets are hidden before
/// the text is cut, because a part of a secret is not recognized.
void complaints::speak(std::string_view beginning, std::string_view text) const noexcept {
    try {
        constexpr std::size_t longest = 512;
        const std::string safe = shown(text);
        const std::string visible =
            base::visible(std::string_view(safe).substr(0, longest), base::layout::one_line);
        std::ignore = print(fmt::format("{}{}\n", beginning, visible));
    } catch (const std::exception&) {
        std::ignore = print("aio: log: no memory for a message\n");
    }
}

/// The result has no lock if the thread that holds it does not give it back, because it has
/// crashed.
std::unique_lock<std::mutex> complaints::count_soon() {
    std::unique_lock guard(counting_, std::try_to_lock);
    for (int attempt = 0; attempt < 100 && !guard; ++attempt) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        std::ignore = guard.try_lock();
    }
    return guard;
}

complaints::losses::value_type& complaints::find_loss(std::string_view target) {
    if (const auto found = losses_.find(target); found != losses_.end())
        return *found;
    if (losses_.size() >= most_losses)
        return find_endless(other_targets);
    auto& made = *losses_.try_emplace(std::string(target)).first;
    losing_ = losses_.size();
    return made;
}

complaints::losses::value_type& complaints::find_endless(std::string_view title) {
    return *endless_.try_emplace(std::string(title)).first;
}

/// `form` has places for the target, the reason and the number. Secrets are hidden before the texts
/// are cut.
std::string complaints::loss_text(const losses::value_type& entry, std::string_view form) const {
    constexpr std::size_t longest = 200;
    const auto& [target, loss] = entry;
    return fmt::format(
        fmt::runtime(form),
        fmt::arg("target", shown(target).substr(0, longest)),
        fmt::arg("why", shown(loss.why).substr(0, longest)),
        fmt::arg("records", counted(loss.records)),
        fmt::arg("were", loss.records == 1 ? "was" : "were")
    );
}

std::optional<std::string> complaints::untold_text(losses::value_type& entry) const {
    const std::uint64_t records = entry.second.records;
    if (std::exchange(entry.second.told, records) == records)
        return std::nullopt;
    return loss_text(entry, untold);
}

/// Returns what is to be said; nothing: a message was said a short time ago.
std::optional<std::string>
complaints::add_loss(losses::value_type& entry, std::string_view why, std::uint64_t records) {
    loss& each = entry.second;
    each.records += records;
    each.why = why;
    const clock::time_point now = now_();
    if (each.spoken && now - *each.spoken < between_messages)
        return std::nullopt;
    each.spoken = now;
    each.told = each.records;
    return loss_text(entry, "cannot write the log to {target}: {why} ({records} lost so far)");
}

/// `find` returns the entry.
template <typename Find>
void complaints::count_loss(Find find, std::string_view why, std::uint64_t records) noexcept {
    lost_.fetch_add(records, std::memory_order_relaxed);
    try {
        std::unique_lock guard = count_soon();
        if (!guard)
            return;
        const auto text = add_loss(find(), why, records);
        guard.unlock();
        if (text)
            speak("aio: ", *text);
    } catch (const std::exception&) {
        if (may_speak(spoken_))
            speak("aio: ", "cannot write the log"); // no memory
    }
}

void complaints::lost(
    std::string_view target, std::string_view why, std::uint64_t records
) noexcept {
    count_loss([&]() -> auto& { return find_loss(target); }, why, records);
}

void complaints::lost_by_handler(std::string_view logger, std::string_view why) noexcept {
    try {
        const std::string text = fmt::format("logger '{}': {}", logger, why);
        count_loss([this]() -> auto& { return find_endless(a_handler); }, text, 1);
    } catch (const std::exception&) {
        count_loss([this]() -> auto& { return find_endless(a_handler); }, why, 1); // no memory
    }
}

void complaints::end_loss(std::string_view target) noexcept {
    try {
        std::unique_lock guard(counting_, std::try_to_lock);
        if (!guard)
            return;
        const auto found = losses_.find(target);
        if (found == losses_.end())
            return;
        if (const auto spoken = found->second.spoken; spoken && now_() - *spoken < between_messages)
            return;
        const std::string text =
            loss_text(*found, "the log to {target} is written again, {records} {were} lost");
        losses_.erase(found);
        losing_ = losses_.size();
        guard.unlock();
        speak("aio: ", text);
    } catch (const std::exception&) {
        return; // the next record tries again
    }
}

void complaints::forget(std::string_view target) noexcept {
    try {
        std::unique_lock guard = count_soon();
        const auto found = guard ? losses_.find(target) : losses_.end();
        if (found == losses_.end())
            return;
        const auto text = untold_text(*found);
        losses_.erase(found);
        losing_ = losses_.size();
        guard.unlock();
        if (text)
            speak("aio: ", *text);
    } catch (const std::exception&) {
        speak("aio: ", "records of the log were lost"); // no memory
    }
}

void complaints::tell_losses() noexcept {
    try {
        std::vector<std::string> texts;
        {
            const std::unique_lock guard = count_soon();
            if (!guard)
                return;
            for (losses* const each : {&losses_, &endless_})
                for (auto& entry : *each)
                    if (auto text = untold_text(entry))
                        texts.push_back(std::move(*text));
        }
        for (const std::string& text : texts)
            speak("aio: ", text);
    } catch (const std::exception&) {
        speak("aio: ", "records of the log were lost"); // no memory
    }
}

void complaints::lost(std::string_view target, int error, std::uint64_t records) noexcept {
    std::array<char, 128> room;
    lost(target, ::strerror_r(error, room.data(), room.size()), records);
}

void complaints::lost_without_words(std::uint64_t records) noexcept {
    lost_.fetch_add(records, std::memory_order_relaxed);
}

void complaints::say(std::string_view text) noexcept {
    if (may_speak(spoken_))
        speak("aio: log: ", text);
}

void complaints::cannot_flush(std::string_view title, std::string_view why) noexcept {
    if (!may_speak(flush_spoken_))
        return;
    try {
        speak("aio: log: ", fmt::format("cannot flush {}: {}", title, why));
    } catch (const std::exception&) {
        speak("aio: log: ", why); // no memory
    }
}

void complaints::announce(std::string_view text) noexcept {
    speak("aio: ", text);
}

bool complaints::pass_on(std::string_view text) noexcept {
    try {
        return print(std::string(text) + '\n');
    } catch (const std::exception&) {
        std::ignore = print("aio: log: no memory for a record\n");
        return false;
    }
}

bool complaints::may_speak(std::atomic<std::int64_t>& spoken) noexcept {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::steady_clock::now().time_since_epoch()
                     )
                         .count() +
                     1; // never 0, the value of "not yet"
    std::int64_t before = spoken.load(std::memory_order_relaxed);
    return before != now && spoken.compare_exchange_strong(before, now, std::memory_order_relaxed);
}

} // namespace aio::log
