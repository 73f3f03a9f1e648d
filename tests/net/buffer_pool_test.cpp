#include <aio/net/buffer_pool.hpp>

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <thread>
#include <utility>
#include <vector>

using aio::net::buffer_pool;
using aio::net::chunk;

BOOST_AUTO_TEST_SUITE(buffer_pool_)

BOOST_AUTO_TEST_CASE(a_chunk_gives_its_block_back) {
    const auto pool = buffer_pool::make();
    {
        chunk one = pool->take();
        std::memcpy(buffer_pool::room(one).data(), "hello", 5);
        buffer_pool::filled(one, 5);
        BOOST_TEST(one.text() == "hello");
        one.remove_prefix(2);
        BOOST_TEST(one.text() == "llo");
        chunk other = std::move(one);
        BOOST_TEST(!one);
        BOOST_TEST(other.size() == 3u);
        BOOST_TEST(pool->idle() == 0u);
    }
    BOOST_TEST(pool->idle() == 1u);
}

BOOST_AUTO_TEST_CASE(only_a_few_free_blocks_are_kept) {
    const auto pool = buffer_pool::make();
    std::vector<chunk> many;
    for (int i = 0; i < 40; ++i)
        many.push_back(pool->take());
    many.clear();
    BOOST_TEST(pool->idle() == buffer_pool::kept);
}

BOOST_AUTO_TEST_CASE(a_chunk_may_die_elsewhere_and_after_its_loop) {
    auto pool = buffer_pool::make();
    chunk elsewhere = pool->take(), later = pool->take();
    std::thread([gone = std::move(elsewhere)] {}).join();
    BOOST_TEST(pool->idle() == 0u);
    pool.reset();
    buffer_pool::filled(later, 1);
    BOOST_TEST(later.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
