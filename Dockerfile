# docs/containers.md says how to use it; test/deploy checks it against the program.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Install scripts of packages are of no use here; ours, which builds, is run below.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json tsconfig.client.json esbuild.config.mjs openapi.json ./
COPY src ./src
RUN npm run build

FROM node:20.20.2-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:20.20.2-bookworm-slim
# Suites and agents need tools of their own: build an image from this one that has them.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git tini \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=node --group=node --mode=0700 /var/lib/stagegate \
  && ln -s /app/dist/cli.js /usr/local/bin/stagegate
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/package.json /app/openapi.json ./
COPY --from=build /app/dist ./dist
ENV NODE_ENV=production \
  STAGEGATE_STATE_DIR=/var/lib/stagegate \
  STAGEGATE_PROJECTS=/etc/stagegate/stagegate.yml
USER node
VOLUME /var/lib/stagegate
# Alive, not ready: a service whose store is away waits for it, and suites that run are better off left alone.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.STAGEGATE_PORT ?? 7420}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# What runs leave behind needs somebody to wait for it.
ENTRYPOINT ["/usr/bin/tini", "--", "stagegate"]
CMD ["up"]
