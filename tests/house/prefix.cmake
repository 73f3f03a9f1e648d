# An installed prefix works where it is moved to, and names no folder of the machine that built it.
set(place "${BUILD}/tests/house/prefix")
file(REMOVE_RECURSE "${place}")
execute_process(
    COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${place}/first" OUTPUT_QUIET
    COMMAND_ERROR_IS_FATAL ANY
)
file(RENAME "${place}/first" "${place}/moved")

foreach(command "--version" "module;list" "config;-g;aio:builtin")
    execute_process(
        COMMAND "${CMAKE_COMMAND}" -E env --unset=LD_LIBRARY_PATH "${place}/moved/bin/aio" ${command}
        WORKING_DIRECTORY "${place}" OUTPUT_VARIABLE said RESULT_VARIABLE status ERROR_VARIABLE wrong
    )
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "aio ${command}: ${status} ${said}${wrong}")
    endif()
    if(command STREQUAL "module;list" AND NOT said MATCHES "prefix/moved/lib/aio/modules/aio/examples")
        message(FATAL_ERROR "not the modules of this prefix: ${said}")
    endif()
endforeach()

foreach(file
        include/aio/module.hpp include/aio/version.hpp lib/libaioapp.so lib/aio/modules/aio/app/aio.conf
        lib/cmake/aio/aioConfig.cmake share/man/man1/aio.1 share/bash-completion/completions/aio
        share/doc/aio/etc/hello.conf share/doc/aio/LICENSE share/doc/aio/README.md share/doc/aio/etc/README.md
        share/doc/aio/modules/README.md share/doc/aio/aio/README.md)
    if(NOT EXISTS "${place}/moved/${file}")
        message(FATAL_ERROR "${file} is not installed")
    endif()
endforeach()

# Every link of an installed page leads to something that is installed.
file(GLOB_RECURSE pages "${place}/moved/share/doc/aio/*.md")
foreach(page ${pages})
    cmake_path(GET page PARENT_PATH folder)
    file(READ "${page}" content)
    string(REPLACE "](" "link to <" content "${content}") # a bracket would join list entries
    string(REGEX MATCHALL "link to <[^)#: ]+[)#]" links "${content}")
    foreach(link ${links})
        string(REGEX REPLACE "link to <(.*)." "\\1" target "${link}")
        if(NOT EXISTS "${folder}/${target}")
            message(FATAL_ERROR "${page} links to ${target}, which is not installed")
        endif()
    endforeach()
endforeach()

file(GLOB_RECURSE texts "${place}/moved/lib/cmake/*" "${place}/moved/include/*"
     "${place}/moved/share/*"
)
foreach(file ${texts})
    file(READ "${file}" content)
    foreach(folder "${SOURCE}" "${BUILD}")
        string(FIND "${content}" "${folder}/" at)
        if(NOT at EQUAL -1)
            message(FATAL_ERROR "${file} names ${folder}")
        endif()
    endforeach()
endforeach()
