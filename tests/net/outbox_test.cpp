#include <aio/net/outbox.hpp>

#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>

using aio::base::descriptor;
using aio::net::outbox;

namespace {

descriptor some_file() {
    return descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

void add(outbox& to, const std::string& text) {
    to.add(std::as_bytes(std::span(text)));
}

/// What is sent in one go, of `most` bytes at most: text, or "[offset+size]" of a file.
std::string send(outbox& from, std::size_t most) {
    if (const auto next = from.next_bytes(); !next.empty()) {
        const auto part = next.first(std::min(next.size(), most));
        std::string text(reinterpret_cast<const char*>(part.data()), part.size());
        from.remove(part.size());
        return text;
    }
    const auto part = from.next_file();
    const auto size = std::min<std::uint64_t>(part.size, most);
    from.remove(size);
    return "[" + std::to_string(part.offset) + "+" + std::to_string(size) + "]";
}

} // namespace

BOOST_AUTO_TEST_SUITE(outbox_)

BOOST_AUTO_TEST_CASE(bytes_and_files_keep_their_order) {
    outbox all;
    BOOST_TEST(all.empty());
    add(all, "head");
    all.add(some_file(), 10, 5);
    all.add(some_file(), 20, 5);
    add(all, "tail");
    BOOST_TEST(all.memory() == 8u);
    BOOST_TEST(all.has_file());
    BOOST_TEST(send(all, 3) == "hea");
    BOOST_TEST(send(all, 3) == "d");
    BOOST_TEST(send(all, 3) == "[10+3]");
    BOOST_TEST(send(all, 3) == "[13+2]");
    BOOST_TEST(send(all, 9) == "[20+5]");
    BOOST_TEST(!all.has_file());
    BOOST_TEST(all.memory() == 4u);
    BOOST_TEST(send(all, 9) == "tail");
    BOOST_TEST(all.empty());
}

BOOST_AUTO_TEST_CASE(an_empty_part_of_a_file_is_nothing) {
    outbox all;
    all.add(some_file(), 10, 0);
    BOOST_TEST(all.empty());
}

BOOST_AUTO_TEST_CASE(whatever_is_added_and_sent_in_whatever_order_comes_out_in_order) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        std::mt19937_64 dice(seed);
        outbox all;
        std::string wanted, got;
        std::size_t kept = 0;
        for (int step = 0; step < 60; ++step) {
            const auto size = 1 + dice() % 40;
            if (dice() % 4 == 0) {
                all.add(some_file(), step, 1);
                wanted += "[" + std::to_string(step) + "+1]";
            } else if (dice() % 2) {
                const std::string text(size, static_cast<char>('a' + dice() % 26));
                add(all, text);
                wanted += text;
                kept += size;
            }
            for (auto sends = dice() % 3; sends > 0 && !all.empty(); --sends) {
                const std::string part = send(all, size);
                if (part.front() != '[')
                    kept -= part.size();
                got += part;
            }
            BOOST_REQUIRE_MESSAGE(all.memory() == kept, "seed " << seed);
        }
        while (!all.empty())
            got += send(all, 1 + dice() % 40);
        BOOST_REQUIRE_MESSAGE(got == wanted, "seed " << seed);
    }
}

BOOST_AUTO_TEST_SUITE_END()
