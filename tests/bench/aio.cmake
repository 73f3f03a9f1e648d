# The sides of aio that are measured from the inside: they link the library as any program does.
if(NOT TARGET aio_config OR NOT TARGET aio_log)
    return() # not in this tree yet
endif()

bench_program(
    micro_aio
    SOURCES micro/aio_main.cpp micro/filtered_log.cpp
    LINKS aio_options aio::aio
)
