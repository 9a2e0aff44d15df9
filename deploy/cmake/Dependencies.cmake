# Foreign libraries, all from Debian 12, and the compiler settings they share.

set(RECUR_SANITIZE "" CACHE STRING "empty, address or thread")
set(RECUR_WARNINGS -Wall -Wextra -Wno-missing-field-initializers)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A cached compile with precompiled headers needs these two.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
add_compile_options(-pthread)  # also for what is precompiled
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(absl REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(civetweb REQUIRED)

# Debian's dnnl CMake package asks for OpenCL headers that nothing here needs.
find_library(DNNL_LIBRARY dnnl REQUIRED)
add_library(recur_dnnl INTERFACE)
target_link_libraries(recur_dnnl INTERFACE ${DNNL_LIBRARY})

# oneDNN's OpenMP runtime, to keep it on one thread; nothing here is compiled
# with -fopenmp.
add_library(recur_gomp INTERFACE)
target_link_libraries(recur_gomp INTERFACE gomp)

find_library(XXHASH_LIBRARY xxhash REQUIRED)
add_library(recur_xxhash INTERFACE)
target_link_libraries(recur_xxhash INTERFACE ${XXHASH_LIBRARY})

# Debian's CMake package asks for what only a static RocksDB needs.
find_library(ROCKSDB_LIBRARY rocksdb REQUIRED)
add_library(recur_rocksdb INTERFACE)
target_link_libraries(recur_rocksdb INTERFACE ${ROCKSDB_LIBRARY})

find_library(HIREDIS_LIBRARY hiredis REQUIRED)
add_library(recur_hiredis INTERFACE)
target_link_libraries(recur_hiredis INTERFACE ${HIREDIS_LIBRARY})

if(NOT RECUR_SANITIZE STREQUAL "thread")
  find_package(Protobuf REQUIRED)
  find_package(gRPC CONFIG REQUIRED)
  include(Proto)
endif()

if(RECUR_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer
                      -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
elseif(RECUR_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
endif()
