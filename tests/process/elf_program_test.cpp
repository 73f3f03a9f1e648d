#include <aio/process/elf_program.hpp>

#include <boost/test/unit_test.hpp>

#include <elf.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <ostream>
#include <random>
#include <string>

using namespace aio::process;

namespace aio::process {

std::ostream& operator<<(std::ostream& to, elf_state state) {
    return to << static_cast<int>(state);
}

} // namespace aio::process

namespace {

std::string true_program() {
    std::ifstream from("/bin/true", std::ios::binary);
    return {std::istreambuf_iterator<char>(from), {}};
}

elf_program read(const std::string& file) {
    const auto found = elf_program_of(
        std::string_view(file).substr(0, 256),
        file.size(),
        [&](std::uint64_t offset, std::size_t size) {
            BOOST_REQUIRE(offset <= file.size());
            return file.substr(offset, size);
        }
    );
    BOOST_REQUIRE(found.has_value());
    return *found;
}

template <typename T>
std::string changed(std::string file, std::size_t offset, T value) {
    std::memcpy(file.data() + offset, &value, sizeof value);
    return file;
}

/// Where the first program header of this kind is.
std::size_t segment(const std::string& file, std::uint32_t type) {
    Elf64_Ehdr head;
    std::memcpy(&head, file.data(), sizeof head);
    for (std::size_t i = 0; i < head.e_phnum; ++i) {
        const std::size_t offset = head.e_phoff + i * sizeof(Elf64_Phdr);
        Elf64_Phdr found;
        std::memcpy(&found, file.data() + offset, sizeof found);
        if (found.p_type == type)
            return offset;
    }
    BOOST_FAIL("no such segment");
    return 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(elf_programs)

BOOST_AUTO_TEST_CASE(a_whole_program_names_its_loader) {
    const elf_program found = read(true_program());
    BOOST_TEST(found.state == elf_state::whole);
    BOOST_TEST(found.loader.starts_with("/lib"));
    BOOST_TEST(!elf_program_of("#!/bin/sh", 9, {}).has_value());
}

BOOST_AUTO_TEST_CASE(report_prc_6_cut_off_anywhere) {
    const std::string whole = true_program();
    const std::size_t headers =
        sizeof(Elf64_Ehdr) + whole[offsetof(Elf64_Ehdr, e_phnum)] * sizeof(Elf64_Phdr);
    std::size_t end = 0; // of the last byte that is loaded
    Elf64_Ehdr head;
    std::memcpy(&head, whole.data(), sizeof head);
    for (std::size_t i = 0; i < head.e_phnum; ++i) {
        Elf64_Phdr found;
        std::memcpy(&found, whole.data() + head.e_phoff + i * sizeof found, sizeof found);
        if (found.p_type == PT_LOAD)
            end = std::max<std::size_t>(end, found.p_offset + found.p_filesz);
    }
    for (std::size_t size = 4; size < whole.size(); size += 1 + size / 16) {
        const elf_state state = read(whole.substr(0, size)).state;
        if (size < headers)
            BOOST_TEST(state == elf_state::headers_cut, "cut at " << size);
        else if (size < end)
            BOOST_TEST(
                (state == elf_state::contents_cut || state == elf_state::headers_cut),
                "cut at " << size
            );
        else
            BOOST_TEST(state == elf_state::whole, "cut at " << size);
    }
}

BOOST_AUTO_TEST_CASE(report_prc_6_headers_without_a_meaning) {
    const std::string whole = true_program();
    const auto state_of = [&](std::size_t offset, auto value) {
        return read(changed(whole, offset, value)).state;
    };
    BOOST_TEST(read(std::string(ELFMAG) + std::string(100, 'x')).state == elf_state::damaged);
    BOOST_TEST(state_of(EI_CLASS, char{3}) == elf_state::mismarked); // the system executes it
    BOOST_TEST(state_of(EI_DATA, char{0}) == elf_state::mismarked);
    BOOST_TEST(state_of(EI_DATA, char{ELFDATA2MSB}) == elf_state::foreign);
    BOOST_TEST(
        state_of(offsetof(Elf64_Ehdr, e_machine), Elf64_Half{EM_MIPS}) == elf_state::foreign
    );
    BOOST_TEST(state_of(offsetof(Elf64_Ehdr, e_type), Elf64_Half{ET_REL}) == elf_state::no_program);
    BOOST_TEST(
        state_of(offsetof(Elf64_Ehdr, e_type), Elf64_Half{ET_CORE}) == elf_state::no_program
    );
    BOOST_TEST(state_of(offsetof(Elf64_Ehdr, e_phnum), Elf64_Half{0}) == elf_state::damaged);
    BOOST_TEST(state_of(offsetof(Elf64_Ehdr, e_phnum), Elf64_Half{60000}) == elf_state::damaged);
    BOOST_TEST(state_of(offsetof(Elf64_Ehdr, e_phentsize), Elf64_Half{1}) == elf_state::damaged);
    BOOST_TEST(state_of(offsetof(Elf64_Ehdr, e_phoff), ~Elf64_Off{0}) == elf_state::headers_cut);
    const std::size_t interpreter = segment(whole, PT_INTERP);
    const std::size_t size_at = interpreter + offsetof(Elf64_Phdr, p_filesz);
    const std::size_t offset_at = interpreter + offsetof(Elf64_Phdr, p_offset);
    BOOST_TEST(state_of(size_at, Elf64_Xword{1}) == elf_state::damaged);
    BOOST_TEST(state_of(size_at, Elf64_Xword{5000}) == elf_state::damaged);
    BOOST_TEST(state_of(size_at, Elf64_Xword{5}) == elf_state::damaged); // no zero at its end
    BOOST_TEST(state_of(offset_at, Elf64_Off{whole.size()}) == elf_state::headers_cut);
    const std::size_t load = segment(whole, PT_LOAD);
    BOOST_TEST(
        state_of(load + offsetof(Elf64_Phdr, p_filesz), ~Elf64_Xword{0}) == elf_state::contents_cut
    );
}

BOOST_AUTO_TEST_CASE(a_program_of_this_machine_is_read_as_the_system_reads_it) {
    const std::string whole = true_program();
    const elf_program found = read(changed(whole, EI_CLASS, char{ELFCLASS32}));
    BOOST_TEST(found.state == elf_state::mismarked);
    BOOST_TEST(found.loader == read(whole).loader);
    BOOST_TEST(
        read(changed(whole.substr(0, 100), EI_CLASS, char{ELFCLASS32})).state ==
        elf_state::headers_cut
    );
}

BOOST_AUTO_TEST_CASE(what_the_system_fills_with_zeros_is_not_missing) {
    const auto with_load = [](std::string file, std::uint64_t offset, std::uint64_t size) {
        const std::size_t load = segment(file, PT_LOAD);
        file = changed(std::move(file), load + offsetof(Elf64_Phdr, p_offset), offset);
        return read(changed(std::move(file), load + offsetof(Elf64_Phdr, p_filesz), size)).state;
    };
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    std::string file = true_program();
    file.resize((file.size() / page + 1) * page + 8);
    const std::uint64_t last = file.size() - 8; // of the last page
    BOOST_TEST(with_load(file, file.size() + 5 * page, 0) == elf_state::whole);
    BOOST_TEST(with_load(file, ~std::uint64_t{0}, 0) == elf_state::whole);
    BOOST_TEST(with_load(file, last, page) == elf_state::whole);
    BOOST_TEST(with_load(file, 0, last + page) == elf_state::whole);
    BOOST_TEST(with_load(file, last, page - 1) == elf_state::contents_cut);
    BOOST_TEST(with_load(file, last, 2 * page) == elf_state::contents_cut);
    BOOST_TEST(with_load(file, last + page, page) == elf_state::contents_cut);
    file.resize(last);
    BOOST_TEST(with_load(file, last, page) == elf_state::contents_cut);
}

BOOST_AUTO_TEST_CASE(any_bytes_after_the_mark_are_read_without_harm) {
    std::mt19937 random(1);
    const std::string whole = true_program().substr(0, 2000);
    for (int i = 0; i < 20000; ++i) {
        std::string file = whole;
        for (int change = 0; change < 4; ++change)
            file[4 + random() % 500] = static_cast<char>(random());
        read(file.substr(0, 4 + random() % 1990));
    }
}

BOOST_AUTO_TEST_SUITE_END()
