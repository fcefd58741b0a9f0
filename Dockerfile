# One image for amd64 and arm64: nothing in it is compiled here, every dependency ships wheels for both.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY broker broker
COPY adapters adapters
COPY consumers consumers
RUN python -m venv /opt/beskedfordeler \
    && /opt/beskedfordeler/bin/pip install --no-cache-dir --disable-pip-version-check -c constraints.txt .

FROM python:3.13-slim
COPY --from=build /opt/beskedfordeler /opt/beskedfordeler
RUN useradd --system --uid 10001 --home-dir /data beskedfordeler && install -d -o beskedfordeler /data
ENV PATH=/opt/beskedfordeler/bin:$PATH BESKEDFORDELER_DATA=/data BESKEDFORDELER_HOST=0.0.0.0
USER beskedfordeler
VOLUME /data
EXPOSE 5672 5680
# The admin API listens on the container's loopback only, unless BESKEDFORDELER_ADMIN_HOST says otherwise, as in
# compose.yaml; then it asks for a token (docs/admin.md).  The health check needs none.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s CMD ["beskedfordeler", "wait", "--timeout", "2"]
ENTRYPOINT ["beskedfordeler"]
CMD ["serve"]
