# The sides of aio that are measured from the inside: they link the library as any program does.
bench_program(
    micro_aio
    SOURCES micro/aio_main.cpp micro/filtered_log.cpp micro/signals.cpp micro/spawn.cpp
    LINKS aio_options aio_asio aio::aio
)
bench_program(
    config_bench SOURCES micro/config_bench.cpp LINKS aio_options aio_asio fmt::fmt aio::aio
)

# What S8, S11, S13 and S15 to S19 run under `aio run`.
set(AIO_MODULE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench/modules")
set(AIO_MODULE_INSTALL_DIRECTORY OFF)
aio_add_module(bench.lateness SOURCES modules/lateness.cpp)
aio_add_module(bench.network SOURCES modules/network.cpp)
aio_add_module(bench.services SOURCES modules/services.cpp)
foreach(module IN ITEMS lateness network services)
    set_target_properties(
        module_bench_${module} module_bench_${module}_objects PROPERTIES EXCLUDE_FROM_ALL TRUE
    )
    add_dependencies(bench_programs module_bench_${module})
endforeach()
add_dependencies(bench_programs aio_program module_aio_examples)
