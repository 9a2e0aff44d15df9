# Foreign libraries, all from Debian 12, and the compiler settings they share.

set(RECUR_SANITIZE "" CACHE STRING "empty, address or thread")
set(RECUR_WARNINGS -Wall -Wextra -Wno-missing-field-initializers)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(absl REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(civetweb REQUIRED)

# Debian's dnnl CMake package asks for OpenCL headers that nothing here needs.
find_library(DNNL_LIBRARY dnnl REQUIRED)
add_library(recur_dnnl INTERFACE)
target_link_libraries(recur_dnnl INTERFACE ${DNNL_LIBRARY})

find_library(XXHASH_LIBRARY xxhash REQUIRED)
add_library(recur_xxhash INTERFACE)
target_link_libraries(recur_xxhash INTERFACE ${XXHASH_LIBRARY})

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
