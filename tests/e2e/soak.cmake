# The trials of soak.py with small numbers. By hand, on a release build: soak.py all --full.
set(soak_limit 1)
if(AIO_SANITIZE)
    set(soak_limit 5) # a sanitized start takes its time
endif()
foreach(trial crowd cycles start descriptors)
    add_test(
        NAME soak.${trial} COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_LIST_DIR}/soak.py" ${trial}
                                   --aio $<TARGET_FILE:aio> --limit ${soak_limit}
    )
    set_tests_properties(soak.${trial} PROPERTIES TIMEOUT 300 LABELS e2e RUN_SERIAL TRUE)
endforeach()
