# What refused.cpp does wrong is refused by the compiler, each with a message in words.
execute_process(
    COMMAND "${CMAKE_COMMAND}" --build "${BUILD}" --target house_refused
    OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE status
)
if(status EQUAL 0)
    message(FATAL_ERROR "refused.cpp compiles")
endif()
string(REGEX REPLACE "\"[ \n]+\"" "" said "${said}")
file(STRINGS "${SOURCE}/tests/house/refused.cpp" lines REGEX "// refused: ")
foreach(line ${lines})
    string(REGEX REPLACE ".*// refused: " "" wanted "${line}")
    string(FIND "${said}" "${wanted}" at)
    if(at EQUAL -1)
        message(FATAL_ERROR "nothing was said of\n${line}\nin\n${said}")
    endif()
endforeach()
