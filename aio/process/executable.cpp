#include <aio/base/system_reason.hpp>
#include <aio/base/text.hpp>
#include <aio/process/environment.hpp>
#include <aio/process/executable.hpp>
#include <aio/process/program_file.hpp>
#include <aio/process/registered_format.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace aio::process {

namespace {

// The system follows this many interpreters that are scripts themselves.
constexpr int most_interpreters = 4;

obstacle hidden(std::string text, std::string hint = {}) {
    return {obstacle_kind::hidden, std::move(text), std::move(hint)};
}

obstacle evident(std::string text, std::string hint = {}) {
    return {obstacle_kind::evident, std::move(text), std::move(hint)};
}

obstacle possible(std::string text, std::string hint) {
    return {obstacle_kind::possible, std::move(text), std::move(hint)};
}

bool is_evident(const obstacle& what) noexcept {
    return what.kind == obstacle_kind::missing || what.kind == obstacle_kind::evident;
}

/// Carriage returns and other characters that cannot be seen.
std::string shown(std::string_view text) {
    std::string all;
    for (const char c : text)
        all += c == '\r' ? std::string{"\\r"}
               : static_cast<unsigned char>(c) < 0x20 || c == 0x7f
                   ? fmt::format("\\x{:02x}", static_cast<unsigned char>(c))
                   : std::string{c};
    return all;
}

struct place {
    const std::string& directory;
    const char* search;
    const std::string& formats;
};

std::optional<obstacle> look(const std::string& path, const place& surroundings, int depth);

/// `env` itself starts, and ends with status 127.
std::optional<obstacle> wrong_with_env(std::string_view arguments, const place& surroundings) {
    const std::string program{base::strip(arguments)};
    if (program.empty() || program.front() == '-' ||
        program.find_first_of("= \t") != program.npos ||
        !find_program(program, surroundings.search, surroundings.directory).empty())
        return std::nullopt;
    return hidden(
        fmt::format("asks env for the interpreter '{}', which is not in PATH", shown(program))
    );
}

std::optional<obstacle>
wrong_with_script(const script_line& line, const place& surroundings, int depth) {
    if (line.after_mark)
        return hidden(
            "begins with a byte order mark, so its '#!' is not seen",
            "save it as UTF-8 without a byte order mark"
        );
    if (line.windows_end)
        return hidden(
            fmt::format(
                "has Windows line ends: it asks for the interpreter '{}'",
                shown(
                    line.interpreter + (line.arguments.empty() ? "\r" : " " + line.arguments + "\r")
                )
            ),
            "convert it, for example with: sed -i 's/\\r$//' FILE"
        );
    if (line.interpreter.empty())
        return hidden("names no interpreter after its '#!'");
    if (line.cut)
        return hidden("has a '#!' line that is longer than the system reads");
    if (auto why = look(line.interpreter, surroundings, depth + 1)) {
        if (is_evident(*why))
            why->kind = obstacle_kind::hidden;
        why->text = fmt::format(
            "asks for the interpreter '{}', which {}", shown(line.interpreter), why->text
        );
        return why;
    }
    return line.interpreter.ends_with("/env") ? wrong_with_env(line.arguments, surroundings)
                                              : std::nullopt;
}

constexpr const char* copy_again = "copy or download it again";
constexpr const char* by_registration = "only a format registered with binfmt_misc may execute it";

/// What is wrong with an ELF file itself; its loader aside.
std::optional<obstacle> wrong_with_elf(elf_state state) {
    switch (state) {
    case elf_state::whole:
        break;
    case elf_state::foreign:
        return possible("is built for another kind of processor", by_registration);
    case elf_state::no_program:
        return hidden("is an object file or a core dump, no program");
    case elf_state::damaged:
        return hidden("is damaged: its ELF header has no meaning", copy_again);
    case elf_state::headers_cut:
        return hidden("is cut off: it ends before its headers do", copy_again);
    case elf_state::contents_cut:
        return possible("is cut off: it ends before its contents do", copy_again);
    case elf_state::mismarked:
        return possible(
            "has a class or a byte order in its ELF header that is not its machine's", copy_again
        );
    }
    return std::nullopt;
}

std::optional<obstacle> wrong_with_file(const std::string& whole);

/// The system does not follow the loader of a loader.
std::optional<obstacle> wrong_with_loader(const std::string& whole) {
    if (auto why = wrong_with_file(whole))
        return why;
    const auto head = head_of(whole);
    if (!head)
        return std::nullopt;
    const auto elf = elf_program_at(whole, *head);
    return elf ? wrong_with_elf(elf->state) : hidden("is no ELF file");
}

std::optional<obstacle> wrong_with_program(const elf_program& elf, const place& surroundings) {
    auto itself = wrong_with_elf(elf.state);
    if (elf.loader.empty())
        return itself;
    auto why = wrong_with_loader(path_in(surroundings.directory, elf.loader));
    if (!why)
        return itself;
    if (why->kind == obstacle_kind::missing)
        why->hint = "it was built for another system; its C library is not installed here";
    if (is_evident(*why))
        why->kind = obstacle_kind::hidden;
    why->text = fmt::format("needs the loader '{}', which {}", shown(elf.loader), why->text);
    return why;
}

std::optional<obstacle> wrong_with_format(
    const std::string& whole, std::string_view head, const place& surroundings, int depth
) {
    if (const auto line = script_line_of(head))
        return wrong_with_script(*line, surroundings, depth);
    if (const auto elf = elf_program_at(whole, head))
        return wrong_with_program(*elf, surroundings);
    if (is_text(head))
        return hidden(
            "has no '#!' line that names its interpreter",
            "make '#!/bin/sh' its first line, or set shell = yes"
        );
    return possible(std::string(description_of(head)), by_registration);
}

std::optional<obstacle>
wrong_with_contents(const std::string& whole, const place& surroundings, int depth) {
    const auto head = head_of(whole);
    if (!head)
        return std::nullopt;
    if (head->empty())
        return hidden("is empty");
    auto why = wrong_with_format(whole, *head, surroundings, depth);
    return why && is_registered(whole, *head, surroundings.formats) ? std::nullopt : why;
}

std::optional<obstacle> wrong_with_file(const std::string& whole) {
    struct stat found{};
    if (::stat(whole.c_str(), &found) != 0)
        return errno == ENOENT
                   ? obstacle{obstacle_kind::missing, "does not exist"}
                   : evident(fmt::format("cannot be reached: {}", base::system_reason(errno)));
    if (S_ISDIR(found.st_mode))
        return hidden("is not a program but a folder");
    if (!S_ISREG(found.st_mode))
        return hidden("is not a program");
    if (::access(whole.c_str(), X_OK) == 0)
        return std::nullopt;
    struct statvfs system{};
    if ((found.st_mode & 0111) != 0 && ::statvfs(whole.c_str(), &system) == 0 &&
        (system.f_flag & ST_NOEXEC) != 0)
        return hidden("lies on a file system that is mounted noexec");
    if ((found.st_mode & 0111) != 0)
        return evident("is not executable for this user");
    const auto head = head_of(whole);
    const bool program = head && (head->starts_with("#!") || head->starts_with("\x7f"
                                                                               "ELF"));
    return evident("is not executable", program ? fmt::format("chmod +x {}", whole) : "");
}

std::optional<obstacle> look(const std::string& path, const place& surroundings, int depth) {
    if (depth > most_interpreters)
        return hidden("has an interpreter with too many interpreters of its own");
    const std::string whole = path_in(surroundings.directory, path);
    if (auto wrong = wrong_with_file(whole))
        return wrong;
    return wrong_with_contents(whole, surroundings, depth);
}

} // namespace

std::optional<obstacle> obstacle_to(
    const std::string& path,
    const std::string& directory,
    const char* search,
    const std::string& formats
) {
    return look(path, {directory, search, formats}, 0);
}

std::string reason_not_executed(
    int error, const std::string& path, const std::string& directory, const char* search
) {
    std::string said = base::system_reason(error);
    switch (error) {
    case ETXTBSY:
        return said + " (another process has the file open for writing)";
    case EAGAIN:
        return said + " (its user has as many processes as the limit allows)";
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case ENOEXEC:
    case EINVAL:
    case ELOOP:
    case ELIBBAD:
    case EIO: // of a file that ends too early
        break;
    default:
        return said;
    }
    const auto why = obstacle_to(path, directory, search);
    if (!why || is_evident(*why))
        return said;
    return fmt::format("it {}{}", why->text, why->hint.empty() ? "" : " (" + why->hint + ")");
}

} // namespace aio::process
