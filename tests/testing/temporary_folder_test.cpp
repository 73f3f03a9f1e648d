#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

using aio::testing::temporary_folder;

BOOST_AUTO_TEST_SUITE(temporary_folder_)

BOOST_AUTO_TEST_CASE(it_is_there_as_long_as_the_object) {
    std::filesystem::path path;
    {
        const temporary_folder folder;
        path = folder.path();
        BOOST_TEST(folder.write("a/b", "text") == (path / "a/b").string());
        BOOST_TEST(folder.read("a/b") == "text");
        BOOST_TEST(folder.has("a"));
        BOOST_TEST(!folder.has("b"));
        BOOST_CHECK_THROW(folder.read("b"), std::runtime_error);
    }
    BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(two_are_different) {
    const temporary_folder one, other;
    BOOST_TEST(one.path() != other.path());
}

BOOST_AUTO_TEST_SUITE_END()
