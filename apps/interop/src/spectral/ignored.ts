/** Findings of Spectral that are no faults of this contract. */
export interface Ignored {
  readonly rule: string;
  /** The places, as JSON pointers without escapes; `answers` is all that only the server writes. */
  readonly where: RegExp | "answers";
  /** Why these findings do not count. */
  readonly why: string;
}

const health = /^\/paths\/\/health\//;
const publicReads = /^\/paths\/\/(health\/(live|ready)|openapi(-3\.0)?\.(yaml|json))\/get\//;
const signIn = /^\/paths\/\/sign-in(\/check)?\/post\//;
const yesOrNo = /\/(Preview|Refresh|PicturesToLookUp\/properties\/preview)(\/|$)/;
const uuids =
  /\/((User|Device|Token|Tenant)IdInPath|DeviceId|SuccessorId|Audit(User|Target)Id)\/schema$|\/PairCodeRequest\/properties\/device_id$/;

export const ignored: readonly Ignored[] = [
  // What Spectral's own rules find.
  {
    rule: "contact-properties",
    where: /^\/info\/contact$/,
    why: "A server has an operator of its own, whose address this does not know.",
  },
  { rule: "license-url", where: /^\/info\/license$/, why: "OpenAPI 3.1 has `identifier` in its place." },
  {
    rule: "openapi-tags-alphabetical",
    where: /^\/tags$/,
    why: "They are in the order in which callers need them.",
  },
  {
    rule: "oas3-unused-component",
    where: /^\/components\/responses\/(RouteNotFound|MethodNotAllowed)$/,
    why: "They describe answers to what is not described.",
  },

  // Servers and callers.
  {
    rule: "owasp:api8:2023-no-server-http",
    where: /^\/servers\//,
    why: "The address is of this machine, where nobody listens in. A proxy speaks TLS: docs/deployment.md.",
  },
  {
    rule: "owasp:api9:2023-inventory-access",
    where: /^\/servers\//,
    why: "Who a server is for is its operator's to say.",
  },
  {
    rule: "owasp:api9:2023-inventory-environment",
    where: /^\/servers\//,
    why: "The same: what a server is used for.",
  },
  {
    rule: "owasp:api2:2023-read-restricted",
    where: publicReads,
    why: "Probes and readers of the contract have no token.",
  },
  {
    rule: "owasp:api2:2023-write-restricted",
    where: signIn,
    why: "The code in the body is what shows who it is.",
  },
  {
    rule: "owasp:api2:2023-no-credentials-in-url",
    where: /^\/components\/parameters\/TokenIdInPath\/name$/,
    why: "It is the id of a token, which opens nothing.",
  },
  {
    rule: "owasp:api8:2023-define-error-responses-401",
    where: publicReads,
    why: "What is public refuses no caller.",
  },
  {
    rule: "owasp:api8:2023-define-error-responses-401",
    where: signIn,
    why: "A code that is not known is 404: nobody has shown a token.",
  },
  {
    rule: "owasp:api8:2023-define-cors-origin",
    where: "answers",
    why: "Which origins may ask is a setting of each server, and none may unless it is set.",
  },

  // Limits of requests.
  {
    rule: "owasp:api4:2023-rate-limit",
    where: health,
    why: "Probes are not counted: they must not fail under load.",
  },
  { rule: "owasp:api4:2023-rate-limit-responses-429", where: health, why: "The same." },

  // Limits of values that callers send.
  { rule: "owasp:api4:2023-string-limit", where: uuids, why: "Each is a UUID, of 36 characters." },
  {
    rule: "owasp:api4:2023-string-limit",
    where:
      /^\/components\/(parameters\/Cursor\/schema|schemas\/SignInCodeItself)$|\/profile-picture\/get\/parameters\/\d\/schema$/,
    why: "The pattern says how long it may be.",
  },
  {
    rule: "owasp:api4:2023-string-limit",
    where: /^\/components\/schemas\/NewPicture\/properties\/image$/,
    why: "It is as long as the largest body, and longer ones are 413.",
  },
  {
    rule: "owasp:api4:2023-string-restricted",
    where: /^\/components\/schemas\/OneOfMany$/,
    why: "Any text is looked at as a number or JID, between its limits of length.",
  },
  {
    rule: "owasp:api4:2023-integer-format",
    where: /\/(Limit\/schema|PicturePace|New(Token|SignInCode)\/properties\/expires_in)$/,
    why: "Minimum and maximum say more than the size in bits.",
  },
  { rule: "owasp:api4:2023-integer-format", where: yesOrNo, why: "It is 0 or 1." },
  { rule: "owasp:api4:2023-integer-limit", where: yesOrNo, why: "It is 0 or 1." },

  ...["string-limit", "string-restricted"].map(
    (rule): Ignored => ({
      rule: `owasp:api4:2023-${rule}`,
      where: /\/parameters\/(RequestIdToKeep|AskAgain|KnownPicture|PartOfPicture)\/schema$/,
      why: "What is not understood in these headers counts for nothing. HTTP limits all headers of a request together.",
    }),
  ),

  // Values that only the server writes: limits protect those who read what others send, and here that is the caller.
  ...["string-limit", "string-restricted", "array-limit", "integer-limit", "integer-format"].map(
    (rule): Ignored => ({
      rule: `owasp:api4:2023-${rule}`,
      where: "answers",
      why: "The server keeps its own answers small, and may send more one day.",
    }),
  ),
];
