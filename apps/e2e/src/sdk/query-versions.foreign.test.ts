import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startMock } from "@wuts/mock";
import { afterAll, describe, it } from "vitest";
import { compile } from "./compile.ts";
import { clientFolder, installClient } from "./installed-client.ts";
import { examplesOf } from "./readme-examples.ts";

const mock = await startMock({ port: 0 });
afterAll(() => mock.stop());

const others = ["react", "@types/react", "csstype", "@types/node", "undici-types"];
/** The newest version that the package was made with, and the oldest that its `peerDependencies` allow. */
const versions = [
  { name: "newest", packages: ["@tanstack/react-query", "@tanstack/query-core"] },
  {
    name: "oldest",
    packages: ["react-query-oldest", "react-query-oldest/node_modules/@tanstack/query-core"],
  },
] as const;

/** What has to compile without a cast or an option more. */
const typed = `import { QueryClient, useInfiniteQuery, useMutation, useQuery, useSuspenseInfiniteQuery } from "@tanstack/react-query";
import { createWuts, type Contact, type Device, type ErrorCodeOf, type WutsErrorOf } from "@wuts/client";
import { createWutsQueries } from "@wuts/client/react-query";

const queries = createWutsQueries(createWuts({ baseUrl: "http://127.0.0.1:1", token: "" }));
export function Everything() {
  const devices = useInfiniteQuery(queries.devices.list.infiniteQueryOptions());
  devices.data?.pages[0]?.items satisfies Device[] | undefined;
  devices.error satisfies WutsErrorOf<"devices.list"> | null;
  const contacts = useSuspenseInfiniteQuery({
    ...queries.contacts.list.infiniteQueryOptions({ search: "ana" }),
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  });
  contacts.data satisfies Contact[];
  const me = useQuery({ ...queries.users.getMe.queryOptions(), staleTime: 60_000 });
  me.error?.code satisfies ErrorCodeOf<"users.getMe"> | undefined;
  const create = useMutation(queries.devices.create.mutationOptions());
  create.mutate({ name: "Reception" });
  useMutation(queries.session.logout.mutationOptions()).mutate();
  const client = new QueryClient();
  client.getQueryData(queries.devices.get.queryKey({ device_id: "a" })) satisfies Device | undefined;
  // @ts-expect-error: whose picture has to be said
  void client.fetchQuery(queries.contacts.getProfilePicture.queryOptions({}));
}
`;

/** What has to run: page by page, in one process with the client's own calls. */
const program = `import { QueryClient } from "@tanstack/react-query";
import { createWuts } from "@wuts/client";
import { createWutsQueries } from "@wuts/client/react-query";

const queries = createWutsQueries(createWuts({ baseUrl: process.argv[2], token: "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d" }));
const client = new QueryClient();
const { pages } = await client.fetchInfiniteQuery({ ...queries.devices.list.infiniteQueryOptions({ limit: 5 }), pages: 3 });
console.log(pages.length, pages[0].items[0].name);
await client.invalidateQueries({ queryKey: queries.devices.queryKey() });
console.log(client.getQueryState(queries.devices.list.infiniteQueryKey({ limit: 5 })).isInvalidated);
client.clear();
`;

for (const { name, packages } of versions) {
  const project = await installClient([...others, ...packages]);
  afterAll(() => project.remove());
  await project.write("typed.ts", typed);
  await project.write("program.js", program);

  describe(`the ${name} TanStack Query that the client allows`, () => {
    it("is the one that is meant", async () => {
      const { version } = JSON.parse(
        await readFile(join(project.folder, "node_modules/@tanstack/react-query/package.json"), "utf8"),
      );
      const manifest = JSON.parse(await readFile(join(clientFolder, "package.json"), "utf8"));
      const allowed: string = manifest.peerDependencies["@tanstack/react-query"];
      if (name === "oldest") assert.equal(`^${version}`, allowed);
      else assert.equal(version, manifest.devDependencies["@tanstack/react-query"]);
    });

    for (const resolution of ["nodenext", "bundler"] as const)
      it(`takes all options without a cast, with module resolution ${resolution}`, async () => {
        const examples = await examplesOf("React");
        assert.ok(examples.length > 0);
        await Promise.all(examples.map((code, index) => project.write(`react-${index}.ts`, code)));
        const files = ["typed.ts", ...examples.map((_code, index) => `react-${index}.ts`)];
        await assert.doesNotReject(compile(project, resolution, files, ["node"]));
      });

    it("reads page by page, and invalidates a group", async () => {
      const printed = await project.run(process.execPath, "program.js", mock.url);
      assert.equal(printed, "1 Reception\ntrue\n");
    });
  });
}
