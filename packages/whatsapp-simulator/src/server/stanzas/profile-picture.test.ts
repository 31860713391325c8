import assert from "node:assert/strict";
import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChild,
  type WASocket,
} from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import { drawPicture } from "../../cdn/drawn-picture.ts";
import type { AccountDescription } from "../../model/accounts/account-description.ts";
import { ask, pairAndLogIn, queryPicture } from "../../test-support/baileys-client.ts";
import { collectEvents } from "../../test-support/collect-events.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";

const OWN = "5511000000000";
const PHONE = "5511999999999";
const JID = `${PHONE}@s.whatsapp.net`;
const STRANGER = "5511777777777";
const PICTURE = { id: "1700000000" };

/** A client that is logged in, with one other account. */
async function clientNextTo(t: TestContext, description: Omit<AccountDescription, "phone">) {
  const simulator = await withSimulator(t);
  simulator.addAccount({ phone: OWN });
  const account = simulator.addAccount({ phone: PHONE, ...description });
  const { sock, end } = await pairAndLogIn(simulator, OWN);
  t.onTestFinished(end);
  return { simulator, account, sock };
}

/** The picture notifications that a client gets, as they come in. */
function pictureNotifications(sock: WASocket): string[] {
  const changes: string[] = [];
  sock.ws.on("CB:notification,type:picture", (stanza: BinaryNode) => {
    const [change] = getAllBinaryNodeChildren(stanza);
    changes.push(`${change?.tag} ${change?.attrs.id}`);
  });
  return changes;
}

function pictureOf(answer: BinaryNode | { readonly code: unknown }): BinaryNode | undefined {
  assert.ok("tag" in answer, `answered ${JSON.stringify(answer)}`);
  return getBinaryNodeChild(answer, "picture");
}

describe("a picture query about an account", () => {
  it("is answered with id, type, url, direct_path and hash", async (t) => {
    const { simulator, sock } = await clientNextTo(t, { picture: PICTURE });
    for (const type of ["image", "preview"]) {
      const {
        id,
        url = "",
        direct_path,
        hash,
        ...rest
      } = pictureOf(await queryPicture(sock, JID, { type }))?.attrs ?? { id: "" };
      assert.deepEqual([id, rest.type, url], [PICTURE.id, type, simulator.mediaUrl + direct_path]);
      const path = new RegExp(`^/v/t61\\.24694-24/1700000000_${type}\\.jpg\\?.*&oe=[0-9a-f]+`);
      assert.match(direct_path ?? "", path);
      assert.equal(Buffer.from(hash ?? "", "base64").length, 32);
    }
    assert.match((await sock.profilePictureUrl(JID, "image", 1_000)) ?? "", /^http:\/\/127\.0\.0\.1:/);
  });

  it("finds an account by LID too", async (t) => {
    const { account, sock } = await clientNextTo(t, { picture: PICTURE });
    assert.equal(pictureOf(await queryPicture(sock, account.lid))?.attrs.id, PICTURE.id);
  });

  it("is answered without picture when the known id is still the right one", async (t) => {
    const { account, sock } = await clientNextTo(t, { picture: PICTURE });
    assert.equal(pictureOf(await queryPicture(sock, JID, { id: PICTURE.id })), undefined);
    account.setPicture({ id: "1700000001" });
    assert.equal(pictureOf(await queryPicture(sock, JID, { id: PICTURE.id }))?.attrs.id, "1700000001");
  });

  it("is answered with 404 when none is set, it was removed, or there is no such account", async (t) => {
    const { account, sock } = await clientNextTo(t, {});
    assert.deepEqual(await queryPicture(sock, JID), { code: 404 });
    account.setPicture(PICTURE);
    assert.ok(pictureOf(await queryPicture(sock, JID)));
    account.setPicture(null);
    assert.deepEqual(await queryPicture(sock, JID), { code: 404 });
    assert.deepEqual(await queryPicture(sock, "5511444444444@s.whatsapp.net"), { code: 404 });
  });

  it("is answered with 401 while the account hides it", async (t) => {
    const { account, sock } = await clientNextTo(t, { picture: PICTURE, pictureBehaviour: "hidden" });
    assert.deepEqual(await queryPicture(sock, JID), { code: 401 });
    account.showPicture();
    assert.ok(pictureOf(await queryPicture(sock, JID)));
    account.hidePicture();
    assert.deepEqual(await queryPicture(sock, JID), { code: 401 });
  });

  for (const [pictureBehaviour, code] of [
    ["rate-limited", 429],
    ["bad-request", 400],
    ["nested-error-401", undefined],
    ["nested-error-404", undefined],
    ["silent", 408],
  ] as const)
    it(`${pictureBehaviour}: ${code ?? "a result with the error inside"}`, async (t) => {
      const { sock } = await clientNextTo(t, { picture: PICTURE, pictureBehaviour });
      const answer = await queryPicture(sock, JID, {}, 100);
      if (code !== undefined) assert.deepEqual(answer, { code });
      else
        assert.equal(
          getBinaryNodeChild(pictureOf(answer), "error")?.attrs.code,
          pictureBehaviour.replace("nested-error-", ""),
        );
    });

  for (const [pictureBehaviour, attrs] of [
    ["malformed", { type: "image", url: "not a url" }],
    ["status-204", { status: "204" }],
    ["unchanged-304", { status: "304" }],
    ["empty-picture", {}],
    ["id-only", { id: PICTURE.id }],
    ["empty-result", undefined],
  ] as const)
    it(`${pictureBehaviour}: a result that needs reading`, async (t) => {
      const { sock } = await clientNextTo(t, { picture: PICTURE, pictureBehaviour });
      const answer = pictureOf(await queryPicture(sock, JID, { id: PICTURE.id }));
      assert.deepEqual(answer && { ...answer.attrs }, attrs);
    });

  it("token-required: only an account with a privacy token gets an answer", async (t) => {
    const { account, sock } = await clientNextTo(t, { picture: PICTURE, pictureBehaviour: "token-required" });
    const urlOf = () => sock.profilePictureUrl(JID, "image", 300).catch(() => "no answer");
    assert.equal(await urlOf(), "no answer");
    const stored = new Promise((resolve) => sock.ws.once("CB:notification", resolve));
    account.givePrivacyToken(OWN);
    await stored;
    // rc14 stores the token behind its notification queue: ask until it has.
    let url = await urlOf();
    for (let attempt = 0; attempt < 20 && url === "no answer"; attempt++) url = await urlOf();
    assert.match(url ?? "", /^http/);
  });
});

describe("a picture query about groups", () => {
  const GROUP = "120363039000000000@g.us";
  const COMMUNITY = "120363040000000000@g.us";
  const askCommunity = (sock: WASocket, known: Record<string, string> = {}) => {
    const attrs = { query: "url", type: "image", parent_group_jid: COMMUNITY, ...known };
    const pictures = { tag: "pictures", attrs: {}, content: [{ tag: "picture", attrs }] };
    return ask(sock, { to: COMMUNITY, type: "get", xmlns: "w:g2" }, [pictures]);
  };

  it("is answered for a group as for an account", async (t) => {
    const { simulator, sock } = await clientNextTo(t, {});
    const group = simulator.addGroup({ jid: GROUP, subject: "Vizinhos", picture: { id: "77" } });
    assert.equal(pictureOf(await queryPicture(sock, GROUP))?.attrs.id, "77");
    assert.equal(pictureOf(await queryPicture(sock, GROUP, { id: "77" })), undefined);
    group.setPictureBehaviour("rate-limited");
    assert.deepEqual(await queryPicture(sock, GROUP), { code: 429 });
    group.setPictureBehaviour("visible");
    group.setPicture(null);
    assert.deepEqual(await queryPicture(sock, GROUP), { code: 404 });
  });

  it("is answered for a community through w:g2 only", async (t) => {
    const { simulator, sock } = await clientNextTo(t, {});
    simulator.addGroup({ jid: COMMUNITY, subject: "Bairro", picture: { id: "88" }, community: true });
    assert.deepEqual(await queryPicture(sock, COMMUNITY), { code: 401 });
    const answer = await askCommunity(sock);
    assert.ok("tag" in answer);
    assert.equal(getBinaryNodeChild(getBinaryNodeChild(answer, "pictures"), "picture")?.attrs.id, "88");
    const unchanged = await askCommunity(sock, { id: "88" });
    assert.ok("tag" in unchanged);
    assert.deepEqual(getBinaryNodeChild(unchanged, "pictures")?.content ?? [], []);
  });
});

describe("a client's own picture", () => {
  it("is set with its bytes, served, and removed", async (t) => {
    const { sock } = await clientNextTo(t, {});
    const attrs = { to: "@s.whatsapp.net", type: "set", xmlns: "w:profile:picture" };
    const image = Buffer.from("ffd8ffe0", "hex");
    const content = [{ tag: "picture", attrs: { type: "image" }, content: image }];
    const set = pictureOf(await ask(sock, attrs, content));
    const found = pictureOf(await queryPicture(sock, `${OWN}@s.whatsapp.net`));
    assert.equal(found?.attrs.id, set?.attrs.id);
    const served = await fetch(found?.attrs.url ?? "");
    assert.deepEqual(Buffer.from(await served.arrayBuffer()), image);
    assert.notEqual(pictureOf(await ask(sock, attrs, content))?.attrs.id, set?.attrs.id);
    assert.equal((await fetch(found?.attrs.url ?? "")).status, 200, "a replaced picture's address works on");
    const newest = pictureOf(await queryPicture(sock, `${OWN}@s.whatsapp.net`));
    await ask(sock, attrs, []);
    assert.deepEqual(await queryPicture(sock, `${OWN}@s.whatsapp.net`), { code: 404 });
    assert.equal((await fetch(newest?.attrs.url ?? "")).status, 404);
  });

  it("is sent to accounts that have them among their contacts, to their other devices, and to no other device", async (t) => {
    const { simulator, sock } = await clientNextTo(t, {
      contacts: [{ phone: OWN, fullName: "Own" }],
    });
    simulator.addAccount({ phone: STRANGER });
    const friend = await pairAndLogIn(simulator, PHONE);
    const other = await pairAndLogIn(simulator, OWN);
    const stranger = await pairAndLogIn(simulator, STRANGER);
    const [seen, seenOther] = [friend, other].map((client) => collectEvents(client.sock, "contacts.update"));
    const [toFriend, toOther, toStranger] = [friend, other, stranger].map(({ sock }) =>
      pictureNotifications(sock),
    );
    await sock.updateProfilePicture(`${OWN}@s.whatsapp.net`, drawPicture("any", 640));
    const changed = { id: `${OWN}@s.whatsapp.net`, imgUrl: "changed" };
    assert.deepEqual(await seen?.until(([first]) => first), changed);
    assert.deepEqual(await seenOther?.until(([first]) => first), changed);
    await sock.removeProfilePicture(`${OWN}@s.whatsapp.net`);
    await seen?.until((all) => all.find(({ imgUrl }) => imgUrl === "removed"));
    const own = simulator.account(OWN);
    own.block(PHONE);
    own.setPicture({ id: "7" });
    own.unblock(PHONE);
    own.setPicture({ id: "8" });
    // An answer comes behind what was sent before it.
    for (const client of [friend, other, stranger]) await client.sock.fetchBlocklist();
    assert.deepEqual(toFriend?.slice(1), ["delete undefined", "set 8"], "a blocked account does not get 7");
    assert.deepEqual(toOther?.slice(1), ["delete undefined", "set 7", "set 8"]);
    assert.deepEqual(toStranger, []);
    await Promise.all([friend.end(), other.end(), stranger.end()]);
  });

  it("is identified by the LID, or a hash alone, when a fault says so", async (t) => {
    const { simulator, sock } = await clientNextTo(t, {});
    const own = simulator.account(OWN);
    const named: unknown[] = [];
    sock.ws.on("CB:notification,type:picture", (stanza: BinaryNode) => {
      const [change] = getAllBinaryNodeChildren(stanza);
      named.push([stanza.attrs.from, change?.attrs.jid, change?.attrs.author]);
    });
    for (const by of ["lid", "hash"] as const) {
      const undo = simulator.faults.namePictureNotifications(by);
      own.setPicture({ id: "7" });
      undo();
    }
    own.setPicture(null);
    await sock.fetchBlocklist();
    assert.deepEqual(named, [
      [own.lid, own.lid, own.lid],
      ["@s.whatsapp.net", undefined, undefined],
      [own.jid, own.jid, own.jid],
    ]);
  });

  it("is refused when it is no JPEG, or another account's", async (t) => {
    const { sock } = await clientNextTo(t, {});
    const attrs = { to: "@s.whatsapp.net", type: "set", xmlns: "w:profile:picture" };
    const png = [{ tag: "picture", attrs: { type: "image" }, content: Buffer.from("89504e47", "hex") }];
    assert.deepEqual(await ask(sock, attrs, png), { code: 406 });
    assert.deepEqual(await ask(sock, { ...attrs, target: JID }, []), { code: 401 });
    assert.deepEqual(await ask(sock, { ...attrs, target: "5511444444444@s.whatsapp.net" }, []), {
      code: 404,
    });
    assert.deepEqual(await ask(sock, { ...attrs, target: "120363000000000009@g.us" }, []), { code: 404 });
  });

  it("outlives a restart, as its removal does", async (t) => {
    const before = await withSimulator(t);
    before.addAccount({ phone: OWN, picture: PICTURE });
    before.addAccount({ phone: PHONE, picture: PICTURE });
    before.account(OWN).setPicture({ id: "8", image: Buffer.from("ffd8ffe0", "hex") });
    before.account(PHONE).setPicture(null);
    const state = JSON.parse(JSON.stringify(before.snapshot()));
    const after = await withSimulator(t, { state });
    for (const phone of [OWN, PHONE]) after.addAccount({ phone, picture: PICTURE });
    assert.deepEqual(after.account(OWN).picture, { id: "8", image: Buffer.from("ffd8ffe0", "hex") });
    assert.equal(after.account(PHONE).picture, undefined);
  });
});

describe("a group's picture", () => {
  const GROUP = "120363039000000000@g.us";
  const target = { to: "@s.whatsapp.net", type: "set", xmlns: "w:profile:picture", target: GROUP };

  it("is set and removed by an admin, and sent to all members", async (t) => {
    const { simulator, sock } = await clientNextTo(t, {});
    const group = simulator.addGroup({
      jid: GROUP,
      subject: "Vizinhos",
      participants: [PHONE, OWN],
      admins: [PHONE, OWN],
    });
    const member = await pairAndLogIn(simulator, PHONE);
    const seen = collectEvents(member.sock, "contacts.update");
    const messages = collectEvents(member.sock, "messages.upsert");
    await sock.updateProfilePicture(GROUP, drawPicture("any", 640));
    assert.deepEqual(await seen.until(([first]) => first), { id: GROUP, imgUrl: "changed" });
    const stub = await messages.until(({ messages: [first] }) => first);
    assert.deepEqual(
      [stub.messageStubParameters, stub.key.participant, stub.key.remoteJid],
      [[group.picture?.id], `${OWN}@s.whatsapp.net`, GROUP],
    );
    assert.equal((await sock.groupMetadata(GROUP)).participants[1]?.admin, "admin");
    await sock.removeProfilePicture(GROUP);
    await seen.until((all) => all.find(({ imgUrl }) => imgUrl === "removed"));
    assert.equal(group.picture, undefined);
    await member.end();
  });

  it("is refused with 401 to a member who is no admin, and with 403 to an account that is no member", async (t) => {
    const { simulator, sock } = await clientNextTo(t, {});
    simulator.addGroup({ jid: GROUP, subject: "Vizinhos", participants: [PHONE, OWN], picture: PICTURE });
    assert.deepEqual(await ask(sock, target, []), { code: 401 });
    const foreign = "120363039000000001@g.us";
    simulator.addGroup({ jid: foreign, subject: "Outros", participants: [PHONE], picture: PICTURE });
    assert.deepEqual(await ask(sock, { ...target, target: foreign }, []), { code: 403 });
    assert.equal(simulator.group(GROUP).picture?.id, PICTURE.id);
  });
});
