#include <aio/base/cores.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <boost/test/unit_test.hpp>

#include <sched.h>

#include <fstream>
#include <string>

namespace {

using aio::base::cgroup_cores;
using aio::base::quota_cores;
using aio::testing::temporary_folder;

void write(const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
}

BOOST_AUTO_TEST_SUITE(cores)

BOOST_AUTO_TEST_CASE(a_quota_is_rounded_up) {
    BOOST_TEST(quota_cores("200000 100000\n").value() == 2u);
    BOOST_TEST(quota_cores("150000 100000\n").value() == 2u);
    BOOST_TEST(quota_cores("1000 100000\n").value() == 1u);
    BOOST_TEST(quota_cores("100000\n 50000\n").value() == 2u);
}

BOOST_AUTO_TEST_CASE(no_limit_and_nonsense_are_nothing) {
    for (const char* text :
         {"", "max 100000\n", "-1\n 100000\n", "100000", "0 100000", "1 0", "a b", "1x 5"})
        BOOST_TEST(!quota_cores(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(the_smallest_quota_of_all_groups_above_counts) {
    const temporary_folder root;
    write(root.path() / "proc/self/cgroup", "0::/system.slice/app.service\n");
    const auto groups = root.path() / "sys/fs/cgroup";
    write(groups / "system.slice/app.service/cpu.max", "800000 100000\n");
    BOOST_TEST(cgroup_cores(root.path()).value() == 8u);
    write(groups / "system.slice/cpu.max", "300000 100000\n");
    BOOST_TEST(cgroup_cores(root.path()).value() == 3u);
    write(groups / "system.slice/app.service/cpu.max", "max 100000\n");
    BOOST_TEST(cgroup_cores(root.path()).value() == 3u);
    write(groups / "cpu.max", "50000 100000\n"); // the root of a container's own namespace
    BOOST_TEST(cgroup_cores(root.path()).value() == 1u);
}

BOOST_AUTO_TEST_CASE(version_1_has_two_files) {
    const temporary_folder root;
    write(root.path() / "proc/self/cgroup", "5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n");
    const auto group = root.path() / "sys/fs/cgroup/cpu,cpuacct/docker/x";
    write(group / "cpu.cfs_quota_us", "-1\n");
    write(group / "cpu.cfs_period_us", "100000\n");
    BOOST_TEST(!cgroup_cores(root.path()).has_value());
    write(group / "cpu.cfs_quota_us", "250000\n");
    BOOST_TEST(cgroup_cores(root.path()).value() == 3u);
}

BOOST_AUTO_TEST_CASE(without_control_groups_there_is_no_quota) {
    const temporary_folder root;
    BOOST_TEST(!cgroup_cores(root.path()).has_value());
    write(root.path() / "proc/self/cgroup", "garbage\n0::\n");
    BOOST_TEST(!cgroup_cores(root.path()).has_value());
}

BOOST_AUTO_TEST_CASE(a_process_bound_to_one_core_has_one) {
    cpu_set_t before;
    BOOST_TEST_REQUIRE(::sched_getaffinity(0, sizeof before, &before) == 0);
    cpu_set_t first;
    CPU_ZERO(&first);
    for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&first) == 0; ++core)
        if (CPU_ISSET(core, &before))
            CPU_SET(core, &first);
    BOOST_TEST_REQUIRE(::sched_setaffinity(0, sizeof first, &first) == 0);
    BOOST_TEST(aio::base::usable_cores() == 1u);
    ::sched_setaffinity(0, sizeof before, &before);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
