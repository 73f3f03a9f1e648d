#include <aio/testing/main.hpp>

#include <boost/test/unit_test.hpp>

using aio::testing::module_root;

BOOST_AUTO_TEST_SUITE(main_)

BOOST_AUTO_TEST_CASE(the_module_path_is_above_the_modules_folders) {
    BOOST_TEST(module_root("/m/my/example/example.test.so", "my.example") == "/m");
    BOOST_TEST(module_root("/a/b/x/x.test.so", "x") == "/a/b");
    BOOST_TEST(module_root("build/modules/x/x.test.so", "x") == "build/modules");
    BOOST_TEST(module_root("x.test.so", "x") == "");
    BOOST_TEST(module_root("example/example.test.so", "my.example") == "");
}

BOOST_AUTO_TEST_SUITE_END()
