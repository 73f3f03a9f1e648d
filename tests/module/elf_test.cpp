#include "support.hpp"

#include <aio/module/elf.hpp>

#include <boost/test/unit_test.hpp>

#include <elf.h>

#include <cstring>
#include <random>

using aio::module::byte_source;
using aio::module::elf_error;
using aio::module::elf_file;

namespace {

std::string example() {
    return fixture::read(fixture::modules / "my/example/example.so");
}

/// What the reader says to these bytes: the section's text, or the error.
std::string verdict(const std::string& bytes) {
    try {
        const elf_file file(byte_source::of(std::as_bytes(std::span(bytes))));
        const std::string text = file.text(".aio_abi");
        (void)file.symbols("aio_module.");
        return text;
    } catch (const elf_error& why) {
        return why.what();
    }
}

std::string changed(std::size_t offset, char byte) {
    std::string bytes = example();
    bytes.at(offset) = byte;
    return verdict(bytes);
}

} // namespace

BOOST_AUTO_TEST_SUITE(module_elf)

BOOST_AUTO_TEST_CASE(a_module_tells_its_version_and_its_name) {
    const std::string bytes = example();
    const elf_file file(byte_source::of(std::as_bytes(std::span(bytes))));
    BOOST_TEST(file.text(".aio_abi").starts_with("aio="));
    const auto symbols = file.symbols("aio_module.");
    BOOST_REQUIRE(symbols.size() == 1u);
    BOOST_TEST(symbols[0] == "aio_module.my.example");
}

BOOST_AUTO_TEST_CASE(what_is_no_shared_library_of_this_machine_is_named_as_what_it_is) {
    BOOST_TEST(verdict("") == "empty");
    BOOST_TEST(verdict("#!/bin/sh\n") == "not an ELF file, so no module");
    BOOST_TEST(verdict(std::string(4096, 'x')) == "not an ELF file, so no module");
    BOOST_TEST(changed(EI_CLASS, ELFCLASS32) == "not a 64-bit library");
    BOOST_TEST(changed(EI_DATA, ELFDATA2MSB) == "built for another kind of processor");
    BOOST_TEST(
        changed(offsetof(Elf64_Ehdr, e_machine), EM_386) == "built for another kind of processor"
    );
    BOOST_TEST(changed(offsetof(Elf64_Ehdr, e_type), ET_REL) == "not a shared library");
}

BOOST_AUTO_TEST_CASE(a_library_without_the_section_says_so) {
    const auto bytes = fixture::read(fixture::modules / "my/no_module/no_module.so");
    BOOST_TEST(verdict(bytes) == "no aio module: it has no section .aio_abi");
}

BOOST_AUTO_TEST_CASE(cut_anywhere_it_is_truncated) {
    const std::string whole = example();
    BOOST_TEST(verdict(whole).starts_with("aio="));
    for (std::size_t length = 0; length < whole.size(); length += 1 + length / 16) {
        const std::string said = verdict(whole.substr(0, length));
        BOOST_TEST(!said.starts_with("aio="), "cut at " << length);
        if (length > sizeof(Elf64_Ehdr))
            BOOST_TEST(said == "truncated: the file ends before what it says it holds");
    }
}

BOOST_AUTO_TEST_CASE(a_name_without_an_end_is_not_read_for_ever) {
    std::string bytes = example();
    Elf64_Ehdr head;
    std::memcpy(&head, bytes.data(), sizeof head);
    const std::size_t at = head.e_shoff + head.e_shstrndx * sizeof(Elf64_Shdr);
    Elf64_Shdr names;
    std::memcpy(&names, bytes.data() + at, sizeof names);
    names.sh_offset = bytes.size();
    names.sh_size = 1 << 20;
    std::memcpy(bytes.data() + at, &names, sizeof names);
    bytes.append(names.sh_size, 'x');
    BOOST_TEST(verdict(bytes) == "damaged: a name in it is too long to be true");
}

// Under the address sanitizer any access outside the bytes ends the test.
BOOST_AUTO_TEST_CASE(whatever_the_bytes_are_it_reads_inside_them) {
    const std::string whole = example();
    std::mt19937 random(20261121);
    const auto any = [&](std::size_t below) { return random() % below; };
    for (int round = 0; round < 3000; ++round) {
        std::string bytes = whole;
        const std::size_t tables = bytes.size() - std::min<std::size_t>(bytes.size(), 4096);
        for (int i = 0; i < 4; ++i) {
            const bool head = any(2) != 0;
            bytes[head ? any(sizeof(Elf64_Ehdr) + 600) : tables + any(bytes.size() - tables)] =
                static_cast<char>(random());
        }
        if (any(4) == 0)
            bytes.resize(any(bytes.size()));
        (void)verdict(bytes);
    }
}

BOOST_AUTO_TEST_SUITE_END()
