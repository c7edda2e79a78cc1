# The example service and `migrate`, the program that migrates its database, in one image.
# For a project of your own put its packages and binaries in the two lines of cargo and the two of COPY; see
# docs/guide/containers.md.

ARG RUST=1.95
ARG DEBIAN=bookworm

FROM rust:${RUST}-slim-${DEBIAN} AS tools
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpq-dev \
    && rm -rf /var/lib/apt/lists/*
RUN cargo install cargo-chef --version 0.1.78 --locked
WORKDIR /build

# What the dependencies are, and nothing else of the sources: the layer below stays the same until they change.
FROM tools AS recipe
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM tools AS build
COPY --from=recipe /build/recipe.json recipe.json
RUN cargo chef cook --release --locked --recipe-path recipe.json \
    --package migrate-cli --package migrate-examples \
    --no-default-features --features migrate-cli/bin,migrate-cli/postgres,migrate-examples/postgres
COPY . .
RUN cargo build --release --locked \
    --package migrate-cli --package migrate-examples --bin migrate-cli --bin service \
    --no-default-features --features migrate-cli/bin,migrate-cli/postgres,migrate-examples/postgres

FROM debian:${DEBIAN}-slim AS runtime
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpq5 ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin app
COPY --from=build /build/target/release/migrate-cli /usr/local/bin/migrate
COPY --from=build /build/target/release/service /usr/local/bin/service
# A number, so that Kubernetes can tell that it is not root.
USER 10001:10001
EXPOSE 3000
# No shell in between: SIGTERM reaches the program itself.
ENTRYPOINT ["/usr/local/bin/service"]
