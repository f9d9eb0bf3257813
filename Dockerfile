# The one image of every Airflow service in docker-compose.yml: the locked packages, then the SDK.
FROM python:3.11-slim-bookworm

# The DAG bundle calls git, and ssh for a repository that is reached by key.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git openssh-client \
    && rm -rf /var/lib/apt/lists/*

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PYTHONUNBUFFERED=1

WORKDIR /build
COPY requirements.lock ./
RUN pip install --require-hashes --only-binary :all: --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY sdk ./sdk
RUN pip install --no-deps --no-build-isolation .

# Named volumes take their owner from the folder they cover, so `logs` must exist here.
RUN useradd --uid 50000 --create-home --home-dir /opt/airflow airflow \
    && install --directory --owner airflow --group airflow /opt/airflow/logs /opt/airflow/bundles
WORKDIR /opt/airflow
USER airflow
