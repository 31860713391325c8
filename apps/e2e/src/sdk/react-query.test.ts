import assert from "node:assert/strict";
import {
  dehydrate,
  MutationObserver,
  QueryClient,
  QueryObserver,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useSuspenseQuery,
} from "@tanstack/react-query";
import { createWuts, type Device, type DeviceList, type ProfilePicture, WutsError } from "@wuts/client";
import { createWutsQueries } from "@wuts/client/react-query";
import { operations } from "@wuts/contract";
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

describe("createWutsQueries", () => {
  it("offers every operation of the contract: a query for those that read, a mutation for the others", () => {
    for (const { operationId, method } of operations) {
      const names = method === "get" ? ["Options", "QueryKey"] : ["Mutation"];
      for (const name of names) assert.ok(`${operationId}${name}` in queries, `${operationId}${name}`);
    }
  });
});

describe("a query", () => {
  it("resolves with the data of the answer", async () => {
    const client = queryClient();
    const device: Device = await client.fetchQuery(queries.getDeviceOptions({ path: { device_id } }));
    assert.equal(device.name, "Reception");
    const cached: Device | undefined = client.getQueryData(
      queries.getDeviceQueryKey({ path: { device_id } }),
    );
    assert.equal(cached?.id, device.id);
  });

  it("resolves with the body where there is no envelope", async () => {
    assert.match(await queryClient().fetchQuery(queries.getContractYamlOptions()), /^openapi: 3\.1\.0\n/);
  });

  it("fails with a WutsError", async () => {
    const options = queries.getContactProfilePictureOptions({
      query: { number: "5511777777777" },
      headers: { Prefer: "code=404, example=picture-hidden" },
    });
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
    const options = queriesFor(server.url).getContactProfilePictureOptions({
      query,
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
      const asking = client.fetchQuery(queriesFor(mock.url, { fetch: silent }).listDevicesOptions());
      asking.catch(() => {});
    });
    await assert.doesNotReject(aborted);
  });

  it("is asked for again when its operation is invalidated, whatever its parameters", async () => {
    const client = queryClient();
    const options = queries.listDevicesOptions({ query: { limit: 5 } });
    const unsubscribe = new QueryObserver(client, { ...options, enabled: false }).subscribe(() => {});
    await client.fetchQuery(options);
    await client.invalidateQueries({ queryKey: queries.listDevicesQueryKey(), refetchType: "none" });
    assert.equal(client.getQueryState(options.queryKey)?.isInvalidated, true);
    unsubscribe();
  });

  it("may be read page by page", async (test) => {
    const page = (name: string, next_cursor: string | null) =>
      [200, { success: true, data: { items: [{ name }], next_cursor } }] as const;
    const server = await answeringInTurn([page("first", "after-first"), page("second", null)]);
    test.onTestFinished(() => server.stop());
    const { pages } = await queryClient().fetchInfiniteQuery({
      ...queriesFor(server.url).listDevicesInfiniteOptions({ query: { limit: 1 } }),
      initialPageParam: {},
      getNextPageParam: (last) => last.next_cursor,
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
    const { createDeviceMutation, deleteDeviceMutation } = queriesFor(server.url);
    await new MutationObserver(queryClient(), createDeviceMutation()).mutate({ body: { name: "Reception" } });
    const { unlinked } = await new MutationObserver(queryClient(), deleteDeviceMutation()).mutate({
      path: { device_id },
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
    const { unlinked } = await new MutationObserver(queryClient(), queries.logoutSessionMutation()).mutate();
    assert.equal(unlinked, true);
  });

  it("fails with a WutsError", async () => {
    const options = queries.createDeviceMutation();
    const observer = new MutationObserver(queryClient(), options);
    await assert.rejects(
      observer.mutate({ body: { name: "" } }),
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
        ...queriesFor(mock.url, { token: who, fetch: whoAsks }).listDevicesOptions(),
        staleTime: 60_000,
      };
      const { items } = await client.fetchQuery(options);
      names.push(items[0]?.name);
    }
    assert.deepEqual(names, [`Bearer ${token}`, `Bearer ${otherToken}`]);
  });

  it("share what the same user asked the same server, as after a page is rendered on a server", () => {
    const key = (baseUrl: string, who: string) => queriesFor(baseUrl, { token: who }).listDevicesQueryKey();
    assert.deepEqual(key(mock.url, token), key(mock.url, token));
    assert.notDeepEqual(key(mock.url, token), key(mock.url, otherToken));
    assert.notDeepEqual(key(mock.url, token), key("https://wuts.example.com", token));
  });

  it("leave no token in the cache", async () => {
    const client = new QueryClient();
    const { listDevicesOptions, listDevicesInfiniteOptions, createDeviceMutation } = queries;
    await client.fetchQuery(listDevicesOptions({ query: { limit: 5 }, headers: { "X-Request-Id": "mine" } }));
    await client.fetchInfiniteQuery({
      ...listDevicesInfiniteOptions(),
      initialPageParam: {},
      getNextPageParam: (last) => last.next_cursor,
      pages: 1,
    });
    await new MutationObserver(client, createDeviceMutation()).mutate({ body: { name: "Reception" } });
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
    const { data, error } = useQuery(queries.listDevicesOptions());
    return [data satisfies DeviceList | undefined, error satisfies WutsError | null, error?.code];
  },
  () => useSuspenseQuery(queries.getDeviceOptions({ path: { device_id } })).data.name satisfies string,
  () =>
    useQuery({
      ...queries.getContactProfilePictureOptions({ query: { number: "5511999999999" } }),
      select: (picture) => (picture.unchanged ? null : (picture satisfies ProfilePicture).url),
      staleTime: 60_000,
    }).data satisfies string | null | undefined,
  () =>
    useInfiniteQuery({
      ...queries.listDevicesInfiniteOptions(),
      initialPageParam: {},
      getNextPageParam: (last) => last.next_cursor,
    }).data?.pages[0]?.items satisfies Device[] | undefined,
  () => {
    const { mutate, error } = useMutation(queries.createDeviceMutation());
    mutate({ body: { name: "Reception" } });
    // @ts-expect-error: a device needs a name
    mutate({ body: {} });
    // @ts-expect-error: a device needs a body
    mutate();
    return error satisfies WutsError | null;
  },
  // @ts-expect-error: which page comes next has to be said
  () => useInfiniteQuery(queries.listDevicesInfiniteOptions()),
  // @ts-expect-error: which device has to be said
  () => queries.getDeviceOptions(),
  // @ts-expect-error: there is no such parameter
  () => queries.listDevicesOptions({ query: { colour: "red" } }),
  // @ts-expect-error: the client is the one that the queries were made for
  () => queries.listDevicesOptions({ baseUrl: "https://wuts.example.com" }),
  // @ts-expect-error: a Headers object cannot be part of a query's key
  () => queries.listDevicesOptions({ headers: new Headers() }),
];
