# One image for web, worker, beat and migrate; docker-compose.yml says which command each of them runs.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# Nobody inside needs to be root; the folder of the volume belongs to the one who writes it.
RUN useradd --system --uid 10001 --home-dir /var/lib/yaosu --create-home --shell /usr/sbin/nologin yaosu
WORKDIR /srv/yaosu

# The locked packages first: this layer changes only when they do.
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY search ./search
COPY services ./services
COPY etl ./etl
COPY frontend ./frontend
RUN printf '#!/bin/sh\nexec python -m frontend.cli "$@"\n' > /usr/local/bin/yaosu && chmod 755 /usr/local/bin/yaosu \
    && python -m compileall -q search services etl frontend

ENV PYTHONPATH=/srv/yaosu YAOSU_HOME=/var/lib/yaosu
USER yaosu
VOLUME /var/lib/yaosu
EXPOSE 8000
CMD ["yaosu", "serve", "--host", "0.0.0.0", "--port", "8000"]
