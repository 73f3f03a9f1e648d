# Programs that measure one part; not run by ctest.
add_executable(bench_signal "${CMAKE_CURRENT_LIST_DIR}/micro/signal_bench.cpp")
target_link_libraries(bench_signal PRIVATE aioapp aio_options aio_asio fmt::fmt)
set_target_properties(bench_signal PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
