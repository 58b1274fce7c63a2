# One image for every Airflow service: exactly requirements.lock, each file checked by its hash.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS environment
WORKDIR /opt/sales-support-kpi
COPY requirements-bootstrap.lock requirements.lock ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements-bootstrap.lock \
    && VIRTUAL_ENV=/opt/venv /opt/venv/bin/uv pip sync --no-cache --require-hashes --compile-bytecode \
        requirements.lock
COPY . .
RUN VIRTUAL_ENV=/opt/venv /opt/venv/bin/uv pip install --no-cache --no-deps --no-build-isolation \
        --editable . \
    && /opt/venv/bin/python -m compileall -q plugins dags

FROM ${PYTHON_IMAGE}
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
RUN useradd --uid 10001 --create-home kpi \
    && mkdir -p /srv/kpi/airflow /srv/kpi/logs /srv/kpi/home/published /srv/kpi/company \
    && chown -R kpi:kpi /srv/kpi \
    && chmod 0700 /srv/kpi/airflow
COPY --from=environment /opt/venv /opt/venv
COPY --from=environment /opt/sales-support-kpi /opt/sales-support-kpi
WORKDIR /opt/sales-support-kpi
USER kpi
