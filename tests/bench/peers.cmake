# The load generator and what aio is compared with. They never see our library: Asio comes from its
# headers, compiled into each of them, -O2.
set(peer_flags aio_options Boost::headers Threads::Threads)

bench_program(
    load
    SOURCES load/main.cpp load/options.cpp load/clock.cpp load/socket.cpp load/child.cpp load/echo.cpp
            load/churn.cpp load/idle.cpp load/start.cpp load/stop.cpp load/udp.cpp load/cpu.cpp
            load/serve.cpp load/tls.cpp load/handshakes.cpp load/bulk.cpp load/flood.cpp load/deaf.cpp
    LINKS aio_options OpenSSL::SSL
)

bench_program(epoll_echo SOURCES peers/epoll_echo.cpp LINKS aio_options)
bench_program(
    asio_callbacks SOURCES peers/asio_callbacks_echo.cpp LINKS ${peer_flags} DEFINITIONS ECHO_BUFFER=4096
)
bench_program(
    asio_callbacks_64k SOURCES peers/asio_callbacks_echo.cpp LINKS ${peer_flags}
    DEFINITIONS ECHO_BUFFER=65536
)
bench_program(
    asio_coroutine SOURCES peers/asio_coroutine_echo.cpp LINKS ${peer_flags} DEFINITIONS ECHO_BUFFER=4096
)
bench_program(
    asio_coroutine_64k SOURCES peers/asio_coroutine_echo.cpp LINKS ${peer_flags}
    DEFINITIONS ECHO_BUFFER=65536
)
bench_program(asio_graceful SOURCES peers/asio_graceful_echo.cpp LINKS ${peer_flags})
bench_program(asio_udp SOURCES peers/asio_udp_echo.cpp LINKS ${peer_flags})
bench_program(asio_dialer SOURCES peers/asio_dialer.cpp LINKS ${peer_flags})
bench_program(asio_timers SOURCES peers/asio_timers.cpp LINKS ${peer_flags})
bench_program(asio_coroutines SOURCES peers/asio_coroutines.cpp LINKS ${peer_flags})

bench_program(
    micro_peers
    SOURCES micro/peers_main.cpp micro/signals2.cpp micro/await_in_turn.cpp micro/empty_loop.cpp
            micro/co_spawn.cpp
    LINKS ${peer_flags}
)
bench_program(ptree_ini SOURCES micro/ptree_ini.cpp LINKS ${peer_flags})
