# A scan in a container: no root, a root file system that may be read-only, one volume for what stays.
# docs/how-to/container.md says how to build and run it.

FROM python:3.13-slim AS build
# Kerberos is compiled: with it a keytab signs in at the site. Nothing of this stage but /opt/readiness goes on.
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev libkrb5-dev \
    && rm -rf /var/lib/apt/lists/*
COPY . /source
WORKDIR /source
ARG EXTRAS=history,kerberos
RUN python -m venv --without-pip /opt/readiness \
    && python -m pip --python /opt/readiness/bin/python install --no-cache-dir -c constraints.txt ".[${EXTRAS}]"

FROM python:3.13-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgssapi-krb5-2 \
    && rm -rf /var/lib/apt/lists/* \
    && python -m pip uninstall -y pip \
    && install -d -o 65532 -g 65532 -m 0700 /data
COPY --from=build /opt/readiness /opt/readiness
# The configuration is /etc/readiness/readiness.toml; history and reports are in /data; /tmp holds what need not stay.
ENV PATH=/opt/readiness/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    XDG_CONFIG_HOME=/etc \
    XDG_DATA_HOME=/data \
    XDG_STATE_HOME=/data \
    XDG_CACHE_HOME=/tmp
WORKDIR /data
VOLUME ["/data"]
USER 65532:65532
ENTRYPOINT ["readiness"]
CMD ["scan", "--no-input"]
