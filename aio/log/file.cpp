#include <aio/log/file.hpp>
#include <aio/log/log_file.hpp>
#include <aio/log/numbered_parts.hpp>
#include <aio/log/record_order.hpp>
#include <aio/log/retry_pause.hpp>
#include <aio/log/rotation.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::log {

namespace {

class file_output : public output {
  public:
    file_output(
        const std::string& path,
        const std::string& directory,
        beginning how,
        output_services& services
    )
        : file_(path, directory, how, services) {}

    void write(const record& entry, std::string_view text) noexcept override {
        file_.follow();
        if (file_.regular())
            before(entry, text.size() + 1);
        file_.append(text, entry.time);
    }

    void flush() noexcept override { file_.flush(); }

    bool collects() const noexcept override { return true; }

    std::string reopen() override { return file_.reopen(); }

    void standard_output_replaced() noexcept override { file_.standard_output_replaced(); }

    std::string give_to(uid_t user, gid_t group) override { return file_.give_to(user, group); }

    bool reached() const noexcept override { return file_.reached(); }

    bool terminal() const noexcept override { return file_.terminal(); }

  protected:
    /// Called before a line of `bytes` is appended to a regular file.
    virtual void before(const record&, std::size_t) noexcept {}

    log_file& file() noexcept { return file_; }

  private:
    log_file file_;
};

/// A failed rotation is tried again after a pause, which grows each time. Until then the file keeps
/// growing. Each reason is reported once: the lock of another process when the pause has its
/// maximum, another reason at once.
class turned_output : public file_output {
  protected:
    using file_output::file_output;

    bool pausing(const record& entry) const noexcept { return pause_.waits(entry.time); }

    bool turn(const record& entry, const turn_work& work) noexcept {
        if (pausing(entry))
            return false;
        turn_result result = file().turn(work);
        if (result.how == turning::done) {
            pause_.end();
            if (result.emptied)
                file().begins_at(std::chrono::system_clock::to_time_t(entry.time));
            if (!std::exchange(told_, {}).empty())
                file().tell_turned_again();
            return true;
        }
        pause_.attempt(entry.time);
        if (result.how == turning::failed || pause_.at_longest())
            tell(std::move(result.reason));
        return false;
    }

  private:
    void tell(std::string reason) noexcept {
        if (reason.empty() || reason == told_)
            return;
        file().tell_growing(reason);
        told_ = std::move(reason);
    }

    retry_pause pause_;
    std::string told_; ///< why the file cannot be turned; empty: nothing was said
};

class sized_output final : public turned_output {
  public:
    sized_output(const rotating_args& args, const std::string& directory, output_services& services)
        : turned_output(args.path, directory, beginning_of(args), services), args_(args) {}

  private:
    /// A file that is emptied at each start has no parts.
    static beginning beginning_of(const rotating_args& args) {
        return args.append || args.max_bytes != 0 ? beginning::keep : beginning::empty;
    }

    void before(const record& entry, std::size_t bytes) noexcept override {
        if (!too_large(args_, file().size(), bytes) || pausing(entry))
            return;
        file().flush(); // the size that counts is the one that is found now
        if (too_large(args_, file().size(), bytes))
            rotate(entry);
    }

    void rotate(const record& entry) noexcept {
        shifted_parts shifted;
        turn(
            entry,
            {[&](const part_folder& folder, const std::string& name) {
                 shifted = parts(folder, name).shift();
             },
             [&](const part_folder& folder, const std::string& name) {
                 return parts(folder, name).full();
             },
             [&](const part_folder&, const std::string&) { return shifted.surplus; },
             [&](const part_folder& folder, const std::string&) {
                 move_back(folder, shifted.moves);
             }}
        );
    }

    numbered_parts parts(const part_folder& folder, const std::string& name) const {
        return {folder, name, args_.backups};
    }

    rotating_args args_;
};

class timed_output final : public turned_output {
  public:
    timed_output(const timed_args& args, const std::string& directory, output_services& services)
        : turned_output(args.path, directory, beginning::keep, services), args_(args) {
        if (file().regular())
            settle(std::time(nullptr));
    }

  private:
    static constexpr unsigned most_of_a_name = 10'000;

    /// A period is counted from when the content of the file began, whichever handler has emptied
    /// or replaced the file.
    void settle(std::time_t now) {
        const std::time_t began = beginning(now);
        if (file().began() != began)
            file().begins_at(began);
        if (std::exchange(began_, began) != began)
            next_ = next_rollover(args_, began);
    }

    std::time_t beginning(std::time_t now) {
        const std::optional<std::time_t> known = file().began();
        const bool empty = file().size() == 0; // it begins now
        if (known && now >= *known - latest_record.count())
            return empty ? std::max(*known, now) : *known;
        return known || empty ? now : std::min(beginning_of_content(), now);
    }

    /// The begin of a file that an earlier run left: its birth or, if the file system does not know
    /// it, the rotation that made the newest part. A last write before that means that the file was
    /// copied.
    std::time_t beginning_of_content() {
        std::time_t began = file().last_write();
        if (const auto birth = file().birth())
            return std::min(began, *birth);
        file().tidy([&](const part_folder& folder, const std::string& name) {
            const auto parts = finished(folder, name);
            std::time_t newest = 0;
            for (const std::string& part : parts)
                newest = std::max(newest, folder.changed(part));
            if (!parts.empty())
                began = std::min(began, newest);
        });
        return began;
    }

    void before(const record& entry, std::size_t) noexcept override {
        const std::time_t now = std::chrono::system_clock::to_time_t(entry.time);
        settle(now);
        if (now < next_)
            return;
        std::string made;
        const bool turned = turn(
            entry,
            {[&](const part_folder& folder, const std::string& name) {
                 made = finish(folder, name);
             },
             [&](const part_folder& folder, const std::string& name) {
                 const std::string planned = name + part_suffix(args_, next_);
                 std::vector<std::string> parts = finished(folder, name);
                 parts.push_back(planned);
                 return !surplus(std::move(parts), planned).empty();
             },
             [&](const part_folder& folder, const std::string& name) {
                 return surplus(finished(folder, name), made);
             },
             [&](const part_folder& folder, const std::string& name) {
                 move_back(folder, {{name, made}});
             }}
        );
        if (turned)
            settle(now);
    }

    /// The part `made` is not among them.
    std::vector<std::string>
    surplus(std::vector<std::string> parts, const std::string& made) const {
        std::vector<std::string> found = superfluous(args_, std::move(parts), made);
        std::erase(found, made);
        return found;
    }

    /// Returns the name of the part.
    std::string finish(const part_folder& folder, const std::string& name) const {
        for (unsigned number = 0; number < most_of_a_name; ++number) {
            std::string part = name + part_suffix(args_, next_, number);
            if (folder.finish(name, part))
                return part;
        }
        part_folder::refuse(name + part_suffix(args_, next_));
    }

    std::vector<std::string> finished(const part_folder& folder, const std::string& name) const {
        std::vector<std::string> parts = folder.names(name);
        std::erase_if(parts, [&](const std::string& part) {
            return !is_part_suffix(args_, std::string_view(part).substr(name.size()));
        });
        return parts;
    }

    timed_args args_;
    std::optional<std::time_t> began_; ///< nothing: the file was never open
    std::time_t next_ = 0;
};

} // namespace

std::unique_ptr<output>
open_file(const file_args& args, const std::string& directory, output_services& services) {
    return std::make_unique<file_output>(
        args.path, directory, args.append ? beginning::keep : beginning::empty, services
    );
}

std::unique_ptr<output>
open_file(const rotating_args& args, const std::string& directory, output_services& services) {
    return std::make_unique<sized_output>(args, directory, services);
}

std::unique_ptr<output>
open_file(const timed_args& args, const std::string& directory, output_services& services) {
    return std::make_unique<timed_output>(args, directory, services);
}

} // namespace aio::log
