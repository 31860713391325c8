import assert from "node:assert/strict";
import {
  dehydrate,
  MutationObserver,
  QueryClient,
  QueryObserver,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useSuspenseInfiniteQuery,
  useSuspenseQuery,
} from "@tanstack/react-query";
import {
  createWuts,
  type Device,
  type DeviceList,
  type ErrorCodeOf,
  type ProfilePicture,
  WutsError,
} from "@wuts/client";
import { createWutsQueries } from "@wuts/client/react-query";
import { startMock } from "@wuts/mock";
import { answering, answeringInTurn } from "@wuts/testing/canned-server";
import { afterAll, describe, it } from "vitest";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const otherToken = "8d0c7f5e-1b2a-4c3d-9e8f-7a6b5c4d3e2f";
const device_id = "7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10";
const mock = await startMock({ port: 0 });
afterAll(() => mock.stop());
const queries = queriesFor(mock.url);

function queriesFor(baseUrl: string, options: { token?: string; fetch?: typeof fetch } = {}) {
  return createWutsQueries(createWuts({ baseUrl, token, retries: 0, ...options }));
}

/** A client that asks once, and of which nothing is left after the test. */
function queryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: false, gcTime: 0 }, mutations: { gcTime: 0 } },
  });
}

describe("a query", () => {
  it("resolves with the data of the answer", async () => {
    const client = queryClient();
    const device: Device = await client.fetchQuery(queries.devices.get.queryOptions({ device_id }));
    assert.equal(device.name, "Reception");
    const cached: Device | undefined = client.getQueryData(queries.devices.get.queryKey({ device_id }));
    assert.equal(cached?.id, device.id);
  });

  it("resolves with the body where there is no envelope", async () => {
    assert.match(
      await queryClient().fetchQuery(queries.system.getContractYaml.queryOptions()),
      /^openapi: 3\.1\.0$/m,
    );
  });

  it("fails with a WutsError", async () => {
    const options = queries.contacts.getProfilePicture.queryOptions(
      { number: "5511777777777" },
      { headers: { Prefer: "code=404, example=picture-hidden" } },
    );
    const observer = new QueryObserver(queryClient(), options);
    const error = await new Promise<WutsError>((resolve) => {
      const unsubscribe = observer.subscribe((result) => {
        if (result.isError) {
          unsubscribe();
          resolve(result.error);
        }
      });
    });
    assert.ok(error instanceof WutsError);
    assert.deepEqual([error.status, error.code], [404, "PICTURE_HIDDEN"]);
  });

  it("sends its parameters and headers, and the token of its client", async (test) => {
    const server = await answering(200, { success: true, data: {} });
    test.onTestFinished(() => server.stop());
    const query = { number: "5511999999999", preview: false };
    const options = queriesFor(server.url).contacts.getProfilePicture.queryOptions(query, {
      headers: { Prefer: "code=200" },
    });
    await queryClient().fetchQuery(options);
    const [request] = server.requests;
    assert.equal(request?.url, "/contacts/profile-picture?number=5511999999999&preview=false");
    assert.equal(request?.headers.prefer, "code=200");
    assert.equal(request?.headers.authorization, `Bearer ${token}`);
  });

  it("ends its call when it is cancelled", async () => {
    const client = queryClient();
    const aborted = new Promise<void>((resolve) => {
      const silent: typeof fetch = (input, init) =>
        new Promise((_resolve, reject) => {
          const { signal } = new Request(input, init);
          signal.addEventListener("abort", () => {
            resolve();
            reject(signal.reason);
          });
          void client.cancelQueries();
        });
      const asking = client.fetchQuery(queriesFor(mock.url, { fetch: silent }).devices.list.queryOptions());
      asking.catch(() => {});
    });
    await assert.doesNotReject(aborted);
  });

  it("is asked for again when its operation is invalidated, whatever its parameters", async () => {
    const client = queryClient();
    const options = queries.devices.list.queryOptions({ limit: 5 });
    const unsubscribe = new QueryObserver(client, { ...options, enabled: false }).subscribe(() => {});
    await client.fetchQuery(options);
    await client.invalidateQueries({ queryKey: queries.devices.list.queryKey(), refetchType: "none" });
    assert.equal(client.getQueryState(options.queryKey)?.isInvalidated, true);
    unsubscribe();
  });

  it("may be read page by page", async (test) => {
    const page = (name: string, next_cursor: string | null) =>
      [200, { success: true, data: { items: [{ name }], next_cursor } }] as const;
    const server = await answeringInTurn([page("first", "after-first"), page("second", null)]);
    test.onTestFinished(() => server.stop());
    const { pages } = await queryClient().fetchInfiniteQuery({
      ...queriesFor(server.url).devices.list.infiniteQueryOptions({ limit: 1 }),
      pages: 5,
    });
    assert.deepEqual(
      pages.flatMap(({ items }) => items.map(({ name }) => name)),
      ["first", "second"],
    );
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      ["/devices?limit=1", "/devices?limit=1&cursor=after-first"],
    );
  });
});

describe("a mutation", () => {
  it("sends path and body, and resolves with the data of the answer", async (test) => {
    const server = await answering(200, { success: true, data: { device_id, unlinked: true } });
    test.onTestFinished(() => server.stop());
    const { devices } = queriesFor(server.url);
    await new MutationObserver(queryClient(), devices.create.mutationOptions()).mutate({ name: "Reception" });
    const { unlinked } = await new MutationObserver(queryClient(), devices.delete.mutationOptions()).mutate({
      device_id,
    });
    assert.equal(unlinked, true);
    assert.deepEqual(
      server.requests.map(({ method, url, body }) => [method, url, body]),
      [
        ["POST", "/devices", '{"name":"Reception"}'],
        ["DELETE", `/devices/${device_id}`, ""],
      ],
    );
  });

  it("takes no argument where its operation needs none", async () => {
    const { unlinked } = await new MutationObserver(
      queryClient(),
      queries.session.logout.mutationOptions(),
    ).mutate();
    assert.equal(unlinked, true);
  });

  it("fails with a WutsError", async () => {
    const options = queries.devices.create.mutationOptions();
    const observer = new MutationObserver(queryClient(), options);
    await assert.rejects(
      observer.mutate({ name: "" }),
      (error) => error instanceof WutsError && error.code === "VALIDATION_ERROR",
    );
    assert.equal(observer.getCurrentResult().error?.validation[0]?.field, "name");
  });
});

describe("several clients in one QueryClient", () => {
  const whoAsks: typeof fetch = async (input, init) => {
    const name = new Request(input, init).headers.get("Authorization");
    return Response.json({ success: true, data: { items: [{ name }], next_cursor: null } });
  };

  it("get their own answers each", async () => {
    const client = queryClient();
    const names = [];
    for (const who of [token, otherToken]) {
      const options = {
        ...queriesFor(mock.url, { token: who, fetch: whoAsks }).devices.list.queryOptions(),
        staleTime: 60_000,
      };
      const { items } = await client.fetchQuery(options);
      names.push(items[0]?.name);
    }
    assert.deepEqual(names, [`Bearer ${token}`, `Bearer ${otherToken}`]);
  });

  it("share what the same user asked the same server, as after a page is rendered on a server", () => {
    const key = (baseUrl: string, who: string) => queriesFor(baseUrl, { token: who }).devices.list.queryKey();
    assert.deepEqual(key(mock.url, token), key(mock.url, token));
    assert.notDeepEqual(key(mock.url, token), key(mock.url, otherToken));
    assert.notDeepEqual(key(mock.url, token), key("https://wuts.example.com", token));
  });

  it("leave no token in the cache", async () => {
    const client = new QueryClient();
    const { devices } = queries;
    await client.fetchQuery(devices.list.queryOptions({ limit: 5 }, { headers: { "X-Request-Id": "mine" } }));
    await client.fetchInfiniteQuery({ ...devices.list.infiniteQueryOptions(), pages: 1 });
    await new MutationObserver(client, devices.create.mutationOptions()).mutate({ name: "Reception" });
    const everything = { shouldDehydrateQuery: () => true, shouldDehydrateMutation: () => true };
    const { queries: kept, mutations } = dehydrate(client, everything);
    client.clear();
    assert.deepEqual([kept.length, mutations.length], [2, 1]);
    assert.ok(!JSON.stringify({ kept, mutations }).includes(token.slice(0, 8)));
    assert.ok(kept.every(({ queryKey }) => JSON.stringify(queryKey).includes(mock.url)));
  });
});

// Nothing runs here: what is wrong does not compile.
void [
  () => {
    const { data, error } = useQuery(queries.devices.list.queryOptions());
    return [data satisfies DeviceList | undefined, error satisfies WutsError | null, error?.code];
  },
  () => useSuspenseQuery(queries.devices.get.queryOptions({ device_id })).data.name satisfies string,
  () =>
    useQuery({
      ...queries.contacts.getProfilePicture.queryOptions({ number: "5511999999999" }),
      select: (picture) => (picture.unchanged ? null : (picture satisfies ProfilePicture).url),
      staleTime: 60_000,
    }).data satisfies string | null | undefined,
  () =>
    useInfiniteQuery(queries.devices.list.infiniteQueryOptions({ limit: 50 })).data?.pages[0]?.items satisfies
      | Device[]
      | undefined,
  () => {
    const { mutate, error } = useMutation(queries.devices.create.mutationOptions());
    mutate({ name: "Reception" });
    // @ts-expect-error: a device needs a name
    mutate({});
    // @ts-expect-error: a device needs a body
    mutate();
    return error satisfies WutsError | null;
  },
  () =>
    useSuspenseInfiniteQuery({
      ...queries.contacts.list.infiniteQueryOptions({ search: "ana" }),
      select: ({ pages }) => pages.flatMap(({ items }) => items.map(({ jid }) => jid)),
    }).data satisfies string[],
  // @ts-expect-error: where a page starts is said by the page before
  () => queries.devices.list.infiniteQueryOptions({ cursor: "after-first" }),
  // @ts-expect-error: a device is not listed page by page
  () => queries.devices.get.infiniteQueryOptions({ device_id }),
  () => {
    const { error } = useQuery(queries.devices.get.queryOptions({ device_id }));
    if (error?.code === "DEVICE_NOT_FOUND") return error.code satisfies ErrorCodeOf<"devices.get">;
    // @ts-expect-error: getting a device looks no picture up
    return error?.code === "PICTURE_HIDDEN";
  },
  // @ts-expect-error: which device has to be said
  () => queries.devices.get.queryOptions(),
  // @ts-expect-error: there is no such parameter
  () => queries.devices.list.queryOptions({ colour: "red" }),
  // @ts-expect-error: the client is the one that the queries were made for
  () => queries.devices.list.queryOptions({ baseUrl: "https://wuts.example.com" }),
  // @ts-expect-error: a Headers object cannot be part of a query's key
  () => queries.devices.list.queryOptions({}, { headers: new Headers() }),
  // @ts-expect-error: TanStack Query has the signal
  () => queries.devices.list.queryOptions({}, { signal: AbortSignal.abort() }),
];
