# A compiler that miscompiles coroutines is refused, with the reason.
set(place "${BUILD}/tests/house/broken_compiler")
file(REMOVE_RECURSE "${place}")
file(WRITE "${place}/CMakeLists.txt" "cmake_minimum_required(VERSION 3.25)
project(probe LANGUAGES CXX)
include(\"${SOURCE}/aio/cmake/AioCompiler.cmake\")
")
execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${place}" -B "${place}/build" -DCMAKE_CXX_COMPILER=${COMPILER}
    RESULT_VARIABLE status ERROR_VARIABLE said OUTPUT_QUIET
)
string(REGEX REPLACE "[ \n]+" " " said "${said}")
if(status EQUAL 0)
    message(FATAL_ERROR "${COMPILER} was taken")
endif()
if(NOT said MATCHES "does not compile C\\+\\+20 coroutines correctly" OR NOT said MATCHES "clang 19")
    message(FATAL_ERROR "the reason is missing: ${said}")
endif()
