import { request } from "node:http";
import type { Undo } from "../case.ts";
import { validRequest } from "../requests.ts";
import { requestsOfLimited, roomOfCrowded, type World } from "../world.ts";

/** Asks again and again, until the token has sent more than it may. */
export async function exhaustToken({ url }: World, path: string, token: string): Promise<void> {
  await untilRefused(url + path, { headers: { Authorization: `Bearer ${token}` } });
}

/** Asks without a token until this address may not any more. */
export async function exhaustAddress({ url }: World, path: string): Promise<void> {
  await untilRefused(url + path, {});
}

/** Tries to sign in with an unknown code, until this address may not any more. */
export async function exhaustSignIns({ url }: World): Promise<void> {
  await untilRefused(`${url}/sign-in`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(validRequest("signIn").body),
  });
}

/** Sends as many requests as there is room for, which do not come to their end before the case does. */
export async function fill(world: World, undo: Undo): Promise<void> {
  const { hostname, port } = new URL(world.url);
  const headers = {
    authorization: `Bearer ${world.token}`,
    "content-type": "application/json",
    "content-length": 10,
  };
  undo(() => untilUnderWay(world, 0));
  for (let held = 1; held <= roomOfCrowded; held += 1) {
    const asked = request({ hostname, port, path: "/devices", method: "POST", headers });
    asked.on("error", () => undefined);
    undo(() => asked.destroy());
    asked.flushHeaders();
    await untilUnderWay(world, held);
  }
}

/** Resolves once so many requests are under way, as the metrics say, which are answered whatever is. */
async function untilUnderWay({ url, metricsToken }: World, count: number): Promise<void> {
  const deadline = AbortSignal.timeout(50_000);
  for (;;) {
    deadline.throwIfAborted();
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
    if ((await answer.text()).includes(`wuts_http_under_way{what="requests"} ${count}\n`)) return;
  }
}

async function untilRefused(url: string, request: RequestInit): Promise<void> {
  for (let sent = 0; sent <= requestsOfLimited; sent += 1) {
    const answer = await fetch(url, request);
    await answer.arrayBuffer();
    if (answer.status === 429) return;
  }
  throw new Error(`more than ${requestsOfLimited} requests were answered`);
}
