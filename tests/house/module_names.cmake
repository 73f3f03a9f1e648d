# aio_add_module refuses names that no module can have, before anything is built.
set(place "${BUILD}/tests/house/module_names")
foreach(name "my-example" "my..example" "2nd" "../up" "")
    file(REMOVE_RECURSE "${place}")
    file(WRITE "${place}/a.cpp" "")
    file(WRITE "${place}/CMakeLists.txt" "cmake_minimum_required(VERSION 3.25)
project(names LANGUAGES CXX)
include(\"${SOURCE}/aio/cmake/AioModule.cmake\")
aio_add_module(\"${name}\" SOURCES a.cpp)
")
    execute_process(
        COMMAND "${CMAKE_COMMAND}" -S "${place}" -B "${place}/build" -DCMAKE_CXX_COMPILER=${COMPILER}
        RESULT_VARIABLE status ERROR_VARIABLE said OUTPUT_QUIET
    )
    if(status EQUAL 0 OR NOT said MATCHES "is not a dotted name")
        message(FATAL_ERROR "'${name}': ${status} ${said}")
    endif()
endforeach()
