import { createWuts, WutsError } from "@wuts/client";

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
  const contract = await wuts.system.getContractYaml();
  lines.push(contract.match(/^openapi: .*$/m)?.[0] ?? "no contract");
  return lines;
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
