# recur_proto: the generated code of every .proto under proto/, built once and
# without sanitizers. All presets generate into one folder and compile with
# the same flags, so that a compiler cache serves them all.

file(GLOB_RECURSE RECUR_PROTOS CONFIGURE_DEPENDS
     RELATIVE ${CMAKE_SOURCE_DIR}/proto ${CMAKE_SOURCE_DIR}/proto/*.proto)
set(RECUR_PROTO_OUT ${CMAKE_SOURCE_DIR}/build/generated)
file(MAKE_DIRECTORY ${RECUR_PROTO_OUT})

set(sources)
foreach(proto ${RECUR_PROTOS})
  string(REGEX REPLACE "\\.proto$" "" stem ${proto})
  set(outputs ${RECUR_PROTO_OUT}/${stem}.pb.cc ${RECUR_PROTO_OUT}/${stem}.pb.h
              ${RECUR_PROTO_OUT}/${stem}.grpc.pb.cc
              ${RECUR_PROTO_OUT}/${stem}.grpc.pb.h)
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND protobuf::protoc -I${CMAKE_SOURCE_DIR}/proto
            --cpp_out=${RECUR_PROTO_OUT} --grpc_out=${RECUR_PROTO_OUT}
            --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>
            ${proto}
    DEPENDS ${CMAKE_SOURCE_DIR}/proto/${proto}
    VERBATIM)
  list(APPEND sources ${RECUR_PROTO_OUT}/${stem}.pb.cc
              ${RECUR_PROTO_OUT}/${stem}.grpc.pb.cc)
endforeach()

add_library(recur_proto STATIC ${sources})
# Slow to compile, and only where speed counts worth more than that.
target_compile_options(recur_proto PRIVATE
                       $<IF:$<CONFIG:Release>,-O2,-O1> -g0)
target_include_directories(recur_proto SYSTEM PUBLIC ${RECUR_PROTO_OUT})
target_link_libraries(recur_proto PUBLIC gRPC::grpc++ protobuf::libprotobuf)
