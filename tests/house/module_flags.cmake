# aio_add_module refuses what could only fail later, before anything is built: sanitizers that its
# aio does not have, and files that are not there.
set(place "${BUILD}/tests/house/module_flags")

function(refused wanted aio_flags options arguments)
    file(REMOVE_RECURSE "${place}")
    file(WRITE "${place}/a.cpp" "")
    file(WRITE "${place}/CMakeLists.txt" "cmake_minimum_required(VERSION 3.25)
project(flags LANGUAGES CXX)
set(AIO_SANITIZE_FLAGS ${aio_flags})
include(\"${SOURCE}/aio/cmake/AioModule.cmake\")
${options}
aio_add_module(my.example SOURCES a.cpp ${arguments})
")
    execute_process(
        COMMAND "${CMAKE_COMMAND}" -S "${place}" -B "${place}/build" -DCMAKE_CXX_COMPILER=${COMPILER}
        RESULT_VARIABLE status ERROR_VARIABLE said OUTPUT_QUIET
    )
    string(REGEX REPLACE "[ \n]+" " " said "${said}")
    if(status EQUAL 0 OR NOT said MATCHES "${wanted}")
        message(FATAL_ERROR "'${wanted}': ${status} ${said}")
    endif()
endfunction()

refused("-fsanitize=address is asked for, but this aio was built without sanitizers" "" 
        "set(CMAKE_CXX_FLAGS -fsanitize=address)" "")
refused("-fsanitize=undefined is asked for.*without sanitizers" ""
        "add_compile_options(-fsanitize=undefined)" "")
refused("-fsanitize=thread is asked for.*built with -fsanitize=address,undefined"
        "-fsanitize=address,undefined" "set(CMAKE_CXX_FLAGS -fsanitize=thread)" "")
refused("there is no file missing.conf in" "" "" "CONF missing.conf")
refused("there is no file a_test.cpp in" "" "" "TESTS a_test.cpp")
