# syntax: plain Dockerfile, built by docker, podman or buildah alike.
#   docker build -t recur .
#   docker run --read-only --cap-drop ALL --stop-timeout 30 \
#     -p 127.0.0.1:8001:8001 -p 127.0.0.1:8002:8002 \
#     -v "$PWD/models:/models:ro" recur
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
WORKDIR /src
COPY deploy/packages.sh deploy/
RUN ./deploy/packages.sh install build
COPY CMakeLists.txt CMakePresets.json ./
COPY deploy/cmake deploy/cmake
COPY proto proto
COPY model model
COPY server server
COPY client client
RUN cmake --preset release \
 && cmake --build --preset release -- recur-server recur recur-train \
 && strip build/release/recur-server build/release/recur \
      build/release/recur-train

FROM ${BASE}
COPY deploy/packages.sh /tmp/
RUN /tmp/packages.sh install runtime \
 && rm -rf /tmp/packages.sh /var/lib/apt/lists/* /var/cache/apt/*.bin \
 && groupadd --system --gid 10001 recur \
 && useradd --system --uid 10001 --gid 10001 --no-create-home \
      --home-dir /nonexistent --shell /usr/sbin/nologin recur \
 && mkdir /models
COPY --from=build /src/build/release/recur-server /src/build/release/recur \
     /src/build/release/recur-train /usr/local/bin/
USER 10001:10001
ENV RECUR_MODELS=/models RECUR_LISTEN=0.0.0.0:8001 RECUR_HTTP=0.0.0.0:8002
EXPOSE 8001 8002
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["recur", "health"]
ENTRYPOINT ["recur-server"]
