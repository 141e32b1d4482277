# docker build -t vision . && docker run --rm -v "$PWD:/work" vision filter --sobel photo.png
FROM swift:6.3-bookworm AS build
WORKDIR /vision
COPY . .
RUN apt-get update && apt-get install -y --no-install-recommends make dpkg-dev && make deb

FROM debian:bookworm-slim
RUN --mount=type=bind,from=build,source=/vision/.build,target=/packages \
    apt-get update && \
    apt-get install -y --no-install-recommends /packages/vision_*.deb && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /work
ENTRYPOINT ["vision"]
