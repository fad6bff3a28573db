# Atelier in a container: server, workers and Chroma are one image with different commands (docker-compose.yml).
#
#   docker build -t atelier .
#   docker build -t atelier --build-arg TORCH_INDEX=URL .    another build of PyTorch: the CPU's, or one for your CUDA
#   docker build -t atelier --build-arg EXTRAS=groq,ollama . providers of chat models (pyproject.toml lists them)
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ARG TORCH_INDEX=""
ARG EXTRAS=""
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /atelier
RUN python -m venv .venv
COPY requirements.txt .
RUN if [ -n "$TORCH_INDEX" ]; then .venv/bin/pip install "$(grep ^torch== requirements.txt)" --index-url "$TORCH_INDEX"; fi \
    && .venv/bin/pip install -r requirements.txt
COPY . .
RUN .venv/bin/pip install -e ".${EXTRAS:+[$EXTRAS]}" && .venv/bin/python -m compileall -q core retrievers generators chains server

FROM python:${PYTHON}-slim
# what OpenCV is linked against; their versions are those of the base image's release
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 atelier && install -d -o atelier -g atelier /data
COPY --from=build /atelier /atelier
WORKDIR /atelier
ENV PATH=/atelier/.venv/bin:$PATH DATA_DIR=/data PYTHONUNBUFFERED=1
USER 1000
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["atelier"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
