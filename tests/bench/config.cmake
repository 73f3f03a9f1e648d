add_executable(config_bench "${CMAKE_CURRENT_LIST_DIR}/config_bench.cpp")
target_link_libraries(config_bench PRIVATE aioapp aio_options fmt::fmt Boost::headers)
set_target_properties(config_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench")
