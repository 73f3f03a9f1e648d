#pragma once

// The number of cores that this process may use. In a container that is not the number of the
// machine: a CPU affinity (`taskset`, a cpuset) or a quota of the control group (`docker --cpus`,
// `CPUQuota=`) limits it.

#include <aio/base/api.hpp>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>

namespace aio::base {

/// The cores that the text of a control group's `cpu.max` allows, rounded up: 2 for "150000
/// 100000". Nothing for "max 100000" and for text of another shape. Also takes the two files of
/// version 1, cpu.cfs_quota_us and cpu.cfs_period_us, joined by a blank; a quota of -1 means no
/// limit there.
AIO_API std::optional<std::size_t> quota_cores(std::string_view cpu_max);

/// The smallest quota of this process's control group and of those above it, in cores.
/// `root` is where /proc and /sys are found. Nothing when there is no limit or nothing can be read.
AIO_API std::optional<std::size_t> cgroup_cores(const std::filesystem::path& root = "/");

/// The smaller of affinity and quota; at least 1.
AIO_API std::size_t usable_cores();

} // namespace aio::base
