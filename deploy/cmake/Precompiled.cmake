# recur_precompile(TARGET KIND)
#   Compiles TARGET with the precompiled headers of KIND (plain, wire, test or
#   wire_test) if RECUR_PCH names that kind: parsing gRPC, abseil and GoogleTest
#   is most of a build. dev does so for the tests alone and release for nothing,
#   so that a missing include is noticed.

set(RECUR_PCH "" CACHE STRING "kinds of targets with precompiled headers")

set(RECUR_PCH_plain
    <algorithm> <chrono> <cmath> <cstdint> <functional> <map> <memory> <mutex>
    <optional> <random> <string> <thread> <utility> <variant> <vector>
    <absl/container/flat_hash_map.h> <absl/functional/any_invocable.h>
    <absl/status/statusor.h> <absl/strings/str_cat.h>
    <absl/strings/str_format.h> <absl/types/span.h>)
set(RECUR_PCH_wire ${RECUR_PCH_plain} <grpcpp/grpcpp.h>)
set(RECUR_PCH_test ${RECUR_PCH_plain} <gmock/gmock.h> <gtest/gtest.h>)
set(RECUR_PCH_wire_test ${RECUR_PCH_test} <grpcpp/grpcpp.h>)

function(recur_precompile target kind)
  if(NOT kind IN_LIST RECUR_PCH)
    return()
  endif()
  if(NOT TARGET recur_pch_${kind})
    # Left alone if it is there: if it were newer, all would be compiled again.
    if(NOT EXISTS ${CMAKE_BINARY_DIR}/pch_${kind}.cc)
      file(WRITE ${CMAKE_BINARY_DIR}/pch_${kind}.cc "")
    endif()
    add_library(recur_pch_${kind} OBJECT ${CMAKE_BINARY_DIR}/pch_${kind}.cc)
    target_precompile_headers(recur_pch_${kind} PRIVATE
                              ${RECUR_PCH_${kind}})
    target_compile_options(recur_pch_${kind} PRIVATE -Winvalid-pch)
    if(kind MATCHES "test")
      target_link_libraries(recur_pch_${kind} PRIVATE GTest::gmock)
    endif()
  endif()
  target_compile_options(${target} PRIVATE -Winvalid-pch)
  target_precompile_headers(${target} REUSE_FROM recur_pch_${kind})
endfunction()
