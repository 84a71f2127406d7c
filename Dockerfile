# Two stages: the build, and a small image that holds the binary, the mappings and the certificates.
FROM rust:1-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
# The dependencies alone, so that a change of ours does not build them again.
RUN mkdir -p src && echo 'fn main() {}' > src/main.rs && echo '//! Nothing yet.' > src/lib.rs \
    && for bench in answer cache; do mkdir -p benches/$bench && echo 'fn main() {}' > benches/$bench/main.rs; done \
    && cargo build --release --locked && rm -r src
COPY src src
# Read into the binary: the samples that the simulators begin with, the findings' page, the console's pages.
COPY tests/contracts tests/contracts
COPY docs/findings.md docs/findings.md
COPY templates/console templates/console
RUN touch src/main.rs src/lib.rs && cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates curl >/dev/null \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* && useradd --system --uid 10001 --no-create-home datadip
COPY --from=build /src/target/release/datadip /usr/local/bin/datadip
COPY mappings /etc/datadip/mappings
COPY templates /etc/datadip/templates
USER datadip
ENV DATADIP_LISTEN=0.0.0.0:8080 DATADIP_ADMIN_LISTEN=0.0.0.0:8081 DATADIP_MAPPINGS=/etc/datadip/mappings
EXPOSE 8080 8081
HEALTHCHECK --interval=5s --timeout=2s --retries=6 CMD curl -fsS http://127.0.0.1:8081/readyz || exit 1
ENTRYPOINT ["datadip"]
CMD ["serve"]
