#include <aio/net/buffer_pool.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using aio::net::buffer_pool;
using aio::net::chunk;

namespace {

chunk received(buffer_pool& pool, std::string_view text) {
    std::memcpy(pool.room().data(), text.data(), text.size());
    return pool.keep(text.size());
}

chunk received(buffer_pool& pool, std::size_t size) {
    return received(pool, std::string(size, 'x'));
}

constexpr std::size_t large = buffer_pool::largest_small + 1;

} // namespace

BOOST_AUTO_TEST_SUITE(buffer_pool_)

BOOST_AUTO_TEST_CASE(a_chunk_gives_its_block_back) {
    const auto pool = buffer_pool::make();
    {
        chunk first = received(*pool, "hello");
        BOOST_TEST(first.text() == "hello");
        first.remove_prefix(2);
        BOOST_TEST(first.text() == "llo");
        chunk other = std::move(first);
        BOOST_TEST(!first);
        BOOST_TEST(other.size() == 3u);
        BOOST_TEST(other.text() == "llo");
        BOOST_TEST(pool->idle_small() == 0u);
    }
    BOOST_TEST(pool->idle_small() == 1u);
}

BOOST_AUTO_TEST_CASE(nothing_received_is_no_chunk) {
    const auto pool = buffer_pool::make();
    BOOST_TEST(!received(*pool, ""));
    BOOST_TEST(pool->idle_small() == 0u);
}

BOOST_AUTO_TEST_CASE(a_short_chunk_leaves_the_large_block_where_it_is) {
    const auto pool = buffer_pool::make();
    const std::byte* const room = pool->room().data();
    std::vector<chunk> all;
    for (const std::size_t size : {1U, 64U, 1024U, 1025U, 4096U, 8192U}) {
        all.push_back(received(*pool, size));
        BOOST_TEST(all.back().size() == size);
        BOOST_TEST((pool->room().data() == room));
    }
    all.push_back(received(*pool, large));
    BOOST_TEST((all.back().data() == room));
    BOOST_TEST((pool->room().data() != room));
    all.clear();
    BOOST_TEST(pool->idle() == 1u);
    BOOST_TEST(pool->idle_small() == 6u);
}

BOOST_AUTO_TEST_CASE(only_a_few_free_blocks_are_kept) {
    const auto pool = buffer_pool::make();
    std::vector<chunk> many;
    for (int i = 0; i < 40; ++i) {
        many.push_back(received(*pool, large));
        many.push_back(received(*pool, 100));
    }
    many.clear();
    BOOST_TEST(pool->idle() == buffer_pool::kept);
    BOOST_TEST(pool->idle_small() == buffer_pool::kept_small);
}

BOOST_AUTO_TEST_CASE(a_chunk_may_die_elsewhere_and_after_its_loop) {
    for (const std::size_t size : {std::size_t{1}, large}) {
        auto pool = buffer_pool::make();
        chunk elsewhere = received(*pool, size), later = received(*pool, size);
        std::thread([gone = std::move(elsewhere)] {}).join();
        BOOST_TEST(pool->idle() == 0u);
        BOOST_TEST(pool->idle_small() == 0u);
        pool.reset();
        BOOST_TEST(later.size() == size);
        BOOST_TEST(later.text().back() == 'x');
    }
}

BOOST_AUTO_TEST_CASE(chunks_of_all_sizes_keep_their_bytes) {
    const auto pool = buffer_pool::make();
    std::mt19937_64 dice(1);
    std::vector<std::pair<chunk, std::string>> all;
    for (int i = 0; i < 2000; ++i) {
        const std::size_t size = 1 + dice() % (dice() % 2 ? 20000 : 2000);
        const std::string text(size, static_cast<char>('a' + dice() % 26));
        all.emplace_back(received(*pool, text), text);
        if (all.size() > 50)
            std::swap(all[dice() % all.size()], all.back());
        const auto& [kept, wanted] = all[dice() % all.size()];
        BOOST_REQUIRE(kept.text() == wanted);
        if (all.size() > 50)
            all.pop_back();
    }
}

BOOST_AUTO_TEST_SUITE_END()
