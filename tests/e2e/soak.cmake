# The trials of soak.py with small numbers. By hand, on a release build: soak.py all --full.
find_program(AIO_PYTHON python3)
if(AIO_PYTHON)
    set(soak_options --aio "${CMAKE_BINARY_DIR}/bin/aio")
    if(AIO_SANITIZE)
        list(APPEND soak_options --limit 5) # a sanitized start takes its time
    endif()
    foreach(trial crowd cycles start descriptors)
        add_test(
            NAME soak_${trial} COMMAND ${AIO_PYTHON} -B "${CMAKE_CURRENT_LIST_DIR}/soak.py" ${trial}
                                       ${soak_options}
        )
        set_tests_properties(soak_${trial} PROPERTIES TIMEOUT 300 RUN_SERIAL ON)
    endforeach()
endif()
