import { result } from "../../wire/iq-reply.ts";
import { element } from "../../wire/stanza.ts";
import type { IqHandler } from "./iq-handler.ts";

/**
 * `abt`, the A/B properties. 9666 makes rc14 send privacy tokens with picture queries, 10518 with messages
 * (Socket/chats.ts fetchProps).
 */
export const abProps: IqHandler = () =>
  result(
    element("props", { hash: "sim", refresh: "86400" }, [
      element("prop", { config_code: "9666", config_value: "true" }),
      element("prop", { config_code: "10518", config_value: "true" }),
    ]),
  );

const PRIVACY_CATEGORIES = [
  "readreceipts",
  "profile",
  "status",
  "online",
  "last",
  "groupadd",
  "calladd",
  "messages",
];

/**
 * rc14 Socket/chats.ts fetchPrivacySettings: `<privacy><category name value/></privacy>`. Setting one, or
 * giving out trusted-contact tokens (`<tokens>`), is accepted and not kept.
 */
export const privacy: IqHandler = ({ stanza, account }) => {
  if (stanza.attrs.type === "set") return result();
  const categories = PRIVACY_CATEGORIES.map((name) =>
    element("category", { name, value: account.description.privacy?.[name] ?? "all" }),
  );
  return result(element("privacy", {}, categories));
};

/** `w:m`, where media would be uploaded to: nowhere, media is not simulated. */
export const mediaConnection: IqHandler = () =>
  result(
    element("media_conn", { auth: "sim", ttl: "3600", max_buckets: "12" }, [
      element("host", { hostname: "127.0.0.1" }),
    ]),
  );

/**
 * Answers with an empty result, all that rc14 waits for: ping and passive mode (Socket/socket.ts), statistics,
 * dirty bits and disappearing messages (Socket/chats.ts).
 */
export const acknowledge: IqHandler = () => result();
