# The server with the dependencies that it runs on. Each RUN and the commands below also run in scripts/image.foreign.test.ts,
# in other folders and without Docker: they name none by its absolute path.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /wuts/build
COPY . .
RUN npm ci --workspace=@wuts/contract --workspace=@wuts/client --workspace=@wuts/console --workspace=@wuts/server --include-workspace-root
RUN npx turbo run build --filter=@wuts/server...
RUN ops/docker/production-tree ../app
RUN mkdir -m 700 ../data

FROM node:24.21.0-bookworm-slim
COPY --from=build /wuts/app /wuts/app
COPY --from=build --chown=node:node /wuts/data /wuts/data
WORKDIR /wuts/app
ENV NODE_ENV=production WUTS_HOST=0.0.0.0 WUTS_PORT=3000 WUTS_DATA_DIR=/wuts/data
USER node
VOLUME /wuts/data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WUTS_PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/server/src/main.ts"]
