# The server with the dependencies that it runs on. Each RUN and the commands below also run in scripts/image.foreign.test.ts,
# in other folders and without Docker: they name none by its absolute path.
# The digest names one image for all platforms, where the tag may be moved to another. It is looked up with each new tag, and
# from time to time for what Debian has mended: docker buildx imagetools inspect node:24.21.0-bookworm-slim
FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS build
WORKDIR /wuts/build
# What .dockerignore lists, and nothing else.
COPY . .
RUN npm ci --no-audit --no-fund --workspace=@wuts/contract --workspace=@wuts/client --workspace=@wuts/console --workspace=@wuts/server --include-workspace-root
RUN npx turbo run build --filter=@wuts/server...
RUN ops/docker/production-tree ../app
# What Node compiles at a start: it finds it there by the paths of the image.
RUN cd ../app && NODE_COMPILE_CACHE=../cache node --eval "import('./apps/server/src/app/compose.ts')"
RUN mkdir -m 700 ../data

FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20
COPY --from=build /wuts/app /wuts/app
COPY --from=build /wuts/cache /wuts/cache
COPY --from=build --chown=node:node /wuts/data /wuts/data
WORKDIR /wuts/app
ENV NODE_ENV=production WUTS_HOST=0.0.0.0 WUTS_PORT=3000 WUTS_DATA_DIR=/wuts/data NODE_COMPILE_CACHE=/wuts/cache
USER node
VOLUME /wuts/data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WUTS_PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Without the flag, a signal opens a debugger in the server, which shows everything that it holds.
CMD ["node", "--disable-sigusr1", "apps/server/src/main.ts"]
