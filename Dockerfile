# Builds the package from this clone and installs it, with its dependencies from npm and nothing else.
# docs/how-to/docker.md shows how to run it.
FROM node:22-slim AS package
WORKDIR /clone
COPY . .
RUN npm ci --no-audit --no-fund && npm run pack

FROM node:22-slim
COPY --from=package /clone/*.tgz /tmp/package/
# No package runs code while it is installed, and only the libraries of Linux are kept.
RUN npm install --global --ignore-scripts --omit=dev --no-audit --no-fund /tmp/package/*.tgz \
  && npm cache clean --force && rm -rf /tmp/package \
    /usr/local/lib/node_modules/neural-network-diffusion/node_modules/onnxruntime-node/bin/napi-v*/darwin \
    /usr/local/lib/node_modules/neural-network-diffusion/node_modules/onnxruntime-node/bin/napi-v*/win32 \
  && install -d -o node -g node /data /pdiff /pdiff/runs
USER node
# Data sets are read from /data. Runs are written to /pdiff/runs, whatever user the container has.
ENV PDIFF_DATA=/data XDG_CONFIG_HOME=/pdiff/.config XDG_CACHE_HOME=/tmp/cache
WORKDIR /pdiff
VOLUME ["/data", "/pdiff"]
ENTRYPOINT ["pdiff"]
CMD ["--help"]
