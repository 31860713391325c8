import { createWuts, isWutsError, WutsConflictError, WutsError, WutsNotFoundError } from "@wuts/client";

/**
 * A program that has `@wuts/client` installed, in plain JavaScript. It says the same about every server that
 * keeps to the contract and knows the accounts of the sandbox.
 *
 * @param {string} baseUrl
 * @param {string} token
 */
export async function sayWhatIsThere(baseUrl, token) {
  const wuts = createWuts({ baseUrl, token, timeoutMs: 30_000 });
  const { status } = await wuts.system.getLiveness();
  const { items } = await wuts.devices.list({ limit: 5 });
  const { state, phone_number } = await wuts.session.checkStatus();
  const lines = [`${status}; ${items.length} device, ${state}, ${phone_number}`];

  for (const number of [
    "5511999999999",
    "5511933333333",
    "5511888888888",
    "5511777777777",
    "5511444444444",
  ]) {
    lines.push(await outcome(() => wuts.contacts.getProfilePicture({ number })));
  }
  lines.push(await outcome(() => wuts.contacts.getProfilePicture({ jid: "120363039000000000@g.us" })));
  lines.push(
    await outcome(() =>
      wuts.contacts.getProfilePicture({ number: "5511999999999", existing_id: "1700000000" }),
    ),
  );
  lines.push(await outcome(() => wuts.devices.list({ limit: 0 })));
  lines.push(await outcome(() => wuts.devices.create({ name: "" })));
  lines.push(await outcome(() => wuts.devices.list({}, { signal: AbortSignal.abort() })));
  lines.push(await listing(wuts));
  lines.push(
    await family(() => wuts.devices.get({ device_id: "00000000-0000-4000-8000-000000000000" }, asMissing)),
  );
  const contract = await wuts.system.getContractYaml();
  lines.push(contract.match(/^openapi: .*$/m)?.[0] ?? "no contract");
  return lines;
}

/** The mock answers its example of a device that is there, unless it is asked for another. A server does not know the header. */
const asMissing = { headers: { Prefer: "code=404" } };

/** @param {import("@wuts/client").Wuts} wuts */
async function listing(wuts) {
  const names = [];
  for await (const device of wuts.devices.listAll({ limit: 1 })) names.push(device.name);
  const signal = AbortSignal.abort();
  const ended = await wuts.contacts
    .listAll({}, { signal })
    .next()
    .catch((error) => error);
  return `${names.length} device listed; ${ended.name} of ${ended.call}`;
}

/** @param {() => Promise<object>} call */
async function family(call) {
  const error = await call().catch((error) => error);
  const is = [isWutsError(error, "devices.get"), isWutsError(error, "devices.delete")];
  return `${error.name} of ${error.call}: ${is}, ${error instanceof WutsNotFoundError}, ${error instanceof WutsConflictError}`;
}

/** @param {() => Promise<object>} call */
async function outcome(call) {
  try {
    const answer = await call();
    return "unchanged" in answer && "jid" in answer
      ? `${answer.jid}, unchanged: ${answer.unchanged}`
      : "done";
  } catch (error) {
    if (!(error instanceof WutsError)) throw error;
    return `${error.status} ${error.code}: ${error.message}`;
  }
}
