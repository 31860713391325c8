/** A request as bytes, and what the server and the mock respond. */
export interface WireCase {
  readonly title: string;
  /** The text of the request, as latin1, with `TOKEN` in place of a user's token. */
  readonly text: string;
  readonly status: number;
  /** Of an error. */
  readonly code?: string;
  /** The fields that are named in `validation`. */
  readonly fields?: readonly string[];
}

type Expected = Pick<WireCase, "status" | "code" | "fields">;

const ok: Expected = { status: 200 };
const created: Expected = { status: 201 };
const notFound: Expected = { status: 404, code: "NOT_FOUND" };
const notAllowed: Expected = { status: 405, code: "METHOD_NOT_ALLOWED" };
const tooLarge: Expected = { status: 413, code: "PAYLOAD_TOO_LARGE" };
const wrongType: Expected = { status: 415, code: "UNSUPPORTED_MEDIA_TYPE" };
const unauthorized: Expected = { status: 401, code: "UNAUTHORIZED" };
const invalid = (...fields: string[]): Expected => ({ status: 400, code: "VALIDATION_ERROR", fields });

const authorization = "Authorization: Bearer TOKEN";

/** A request whose head has these lines, beside those that every request has. */
function request(line: string, headers: readonly string[] = [authorization], body = ""): string {
  return [`${line} HTTP/1.1`, "Host: wuts.test", "Connection: close", ...headers, "", body].join("\r\n");
}

const get = (target: string, ...headers: string[]) => request(`GET ${target}`, [authorization, ...headers]);

function post(body: string, { path = "/devices", type = "application/json", headers = [] as string[] } = {}) {
  const length = `Content-Length: ${Buffer.byteLength(body, "latin1")}`;
  const content = type === "" ? [] : [`Content-Type: ${type}`];
  return request(`POST ${path}`, [authorization, ...content, length, ...headers], body);
}

const device = '{"name":"Reception"}';
const utf8 = (text: string) => Buffer.from(text).toString("latin1");
const picture = "/contacts/profile-picture";

/** Each target with what it gets. */
const targets: readonly (readonly [target: string, expected: Expected])[] = [
  ["/devices", ok],
  ["/devices?", ok],
  ["/devices?limit=1", ok],
  ["http://wuts.test/devices", ok],
  ["http://wuts.test/devices?limit=1", ok],
  ["HTTP://other.test:8080/devices", ok],
  ["https://wuts.test/devices", ok],
  ["http://wuts.test", notFound],
  ["http://wuts.test?limit=1", notFound],
  ["http:///devices", invalid("URL")],
  ["ftp://wuts.test/devices", invalid("URL")],
  ["/devices#top", invalid("URL")],
  ["/devices?limit=1#top", invalid("URL")],
  ["http://wuts.test/devices#top", invalid("URL")],
  ["/", notFound],
  ["//devices", notFound],
  ["/devices/", notFound],
  ["/Devices", notFound],
  ["/./devices", notFound],
  ["/x/../devices", notFound],
  ["/%2e/devices", notFound],
  ["/%2e%2e/devices", notFound],
  ["/d%65vices", notFound],
  ["/devices;v=1", notFound],
  ["/devices\\x", notFound],
  ["/devices%3Flimit=1", notFound],
  ["/devices%2F", notFound],
  ["/devices/%ZZ", invalid("device_id")],
  ["/devices/%", invalid("device_id")],
  ["/devices/%FF", invalid("device_id")],
  ["/devices/%00", invalid("device_id")],
  ["/devices/..", invalid("device_id")],
  ["/users/%/tokens", invalid("user_id")],
  ["/users/%25/tokens", invalid("user_id")],
  ["/devices/%2e%2e", invalid("device_id")],
  ["/devices/x", invalid("device_id")],
  ["/devices/{7d0a9b1e-4c5f-4e1a-9b7d-2f3a4b5c6d7e}", invalid("device_id")],
  ["/devices/urn:uuid:7d0a9b1e-4c5f-4e1a-9b7d-2f3a4b5c6d7e", invalid("device_id")],
  ["/devices/7d0a9b1e4c5f4e1a9b7d2f3a4b5c6d7e", invalid("device_id")],
  [`/status?device_id=urn:uuid:7d0a9b1e-4c5f-4e1a-9b7d-2f3a4b5c6d7e`, invalid("device_id")],
  ["/status?device_id=%7B7d0a9b1e-4c5f-4e1a-9b7d-2f3a4b5c6d7e%7D", invalid("device_id")],
];

/** Numbers and other values of a query, each with what it gets. */
const queries: readonly (readonly [query: string, expected: Expected])[] = [
  ...["0x10", "010", "%2050", "50%20", "+50", "%2B50", "1e1", "1E1", "-1", "0", "101", "1.5", "1.", ".5"].map(
    (text) => [`/devices?limit=${text}`, invalid("limit")] as const,
  ),
  ...["1e400", "Infinity", "NaN", "ten", "%D9%A1", "1,000", "1_0", "null", "true"].map(
    (text) => [`/devices?limit=${text}`, invalid("limit")] as const,
  ),
  ["/devices?limit=50", ok],
  ...["00", "01", "0x1", "+1", "2", "TRUE", "yes"].map(
    (text) => [`${picture}?number=5511999999999&preview=${text}`, invalid("preview")] as const,
  ),
  ["/devices?limit=", invalid("limit")],
  ["/devices?limit", invalid("limit")],
  ["/devices?limit=1&limit=1", invalid("limit")],
  ["/devices?limit=1&limit=2", invalid("limit")],
  ["/devices?limits=1", invalid("limits")],
  ["/devices?Limit=1", invalid("Limit")],
  ["/devices?__proto__=1", invalid("__proto__")],
  ["/devices?constructor=1", invalid("constructor")],
  ["/devices?limit[]=1", invalid("limit[]")],
  ["/devices?limit%5B%5D=1", invalid("limit[]")],
  ["/devices?[limit]=1", invalid("[limit]")],
  ["/devices?=1", invalid("query")],
  ["/devices?&&limit=1&", ok],
  [`${picture}`, invalid("jid", "number")],
  [`${picture}?jid=5511999999999@c.us`, invalid("jid")],
  [`${picture}?jid=5511999999999`, invalid("jid")],
  [`${picture}?jid=5511999999999%20@s.whatsapp.net`, invalid("jid")],
  [`${picture}?number=12`, invalid("number")],
  [`${picture}?number=`, invalid("number")],
  [`${picture}?number=%00`, invalid("number")],
  // No pattern says how long the numbers of a country are, nor where a 0 belongs.
  ...["011999999999", "1234567", "%2B55%20(0)%2011%209", "5511999999999999999"].map(
    (text) => [`${picture}?number=${text}`, invalid("number")] as const,
  ),
  [`${picture}?number=1&number=2`, invalid("number")],
];

/** Bodies of `POST /devices`, each with what it gets. */
const bodies: readonly (readonly [title: string, text: string, expected: Expected])[] = [
  ["a device", post(device), created],
  ["nothing", post(""), invalid("body")],
  ["null", post("null"), invalid("body")],
  ["a number", post("1"), invalid("body")],
  ["a string", post('"a"'), invalid("body")],
  ["false", post("false"), invalid("body")],
  ["a list", post("[]"), invalid("body")],
  ["a list of a device", post(`[${device}]`), invalid("body")],
  ["an empty object", post("{}"), invalid("name")],
  ["half an object", post("{"), invalid("body")],
  ["a comma too many", post('{"name":"x",}'), invalid("body")],
  ["two objects", post(`${device}${device}`), invalid("body")],
  ["single quotes", post("{'name':'x'}"), invalid("body")],
  ["white space", post("  "), invalid("body")],
  ["a byte order mark first", post(utf8(`\ufeff${device}`)), created],
  ["invalid UTF-8", post('{"name":"\xff"}'), invalid("body")],
  ["UTF-8 cut in a character", post('{"name":"\xc3"}'), invalid("body")],
  ["half of a surrogate pair", post('{"name":"\\ud800"}'), invalid("name")],
  ["the second half of a pair", post('{"name":"x\\udc00"}'), invalid("name")],
  ["a pair of surrogates", post('{"name":"\\ud83d\\ude00"}'), created],
  ["a half pair as the name of a field", post('{"name":"x","\\ud800":1}'), invalid("body")],
  ["a name of zero-width spaces", post(utf8('{"name":"\u200b\u200b"}')), invalid("name")],
  ["a name of a Hangul filler", post(utf8('{"name":"\u3164"}')), invalid("name")],
  ["a name of spaces", post('{"name":"  "}'), invalid("name")],
  ["an empty name", post('{"name":""}'), invalid("name")],
  ["a name with NUL", post('{"name":"a\\u0000"}'), invalid("name")],
  ["a name that is a number", post('{"name":5}'), invalid("name")],
  ["a name that is too long", post(JSON.stringify({ name: "x".repeat(101) })), invalid("name")],
  ["a misspelled field", post('{"nam":"x"}'), invalid("nam", "name")],
  ["__proto__", post('{"name":"x","__proto__":{"a":1}}'), invalid("__proto__")],
  ["the same field twice", post('{"name":"x","name":"y"}'), created],
  [
    "a number as text",
    post('{"name":"x","picture_pace_per_minute":"3"}'),
    invalid("picture_pace_per_minute"),
  ],
  [
    "a number past all limits",
    post('{"name":"x","picture_pace_per_minute":1e400}'),
    invalid("picture_pace_per_minute"),
  ],
  ["too many bytes", post(JSON.stringify({ name: "x".repeat(103_000) })), tooLarge],
  [
    "a length of too many bytes, behind Expect: 100-continue",
    request("POST /devices", [
      authorization,
      "Content-Type: application/json",
      "Content-Length: 900000",
      "Expect: 100-continue",
    ]),
    tooLarge,
  ],
  ["deep nesting", post(`{"name":${"[".repeat(5_000)}${"]".repeat(5_000)}}`), invalid("name")],
  ["no content type", post(device, { type: "" }), wrongType],
  ["another content type", post("name=x", { type: "application/x-www-form-urlencoded" }), wrongType],
  ["text/plain", post(device, { type: "text/plain" }), wrongType],
  ["another JSON type", post(device, { type: "application/vnd.api+json" }), wrongType],
  ["a content type in capitals", post(device, { type: "Application/JSON" }), created],
  ["charset utf-8", post(device, { type: "application/json; charset=utf-8" }), created],
  ["charset UTF-8 in quotes", post(device, { type: 'application/json;charset="UTF-8"' }), created],
  ["charset utf8", post(device, { type: "application/json; charset=utf8" }), created],
  ["charset UTF8 in quotes", post(device, { type: 'application/json; charset="UTF8"' }), created],
  ["charset iso-8859-1", post(device, { type: "application/json; charset=iso-8859-1" }), wrongType],
  ["charset utf-16", post(device, { type: "application/json; charset=utf-16" }), wrongType],
  ["an unknown charset", post(device, { type: "application/json; charset=bogus" }), wrongType],
  ...["gzip", "deflate", "br", "zstd", "bogus"].map(
    (coding) =>
      [
        `Content-Encoding: ${coding}`,
        post(device, { headers: [`Content-Encoding: ${coding}`] }),
        wrongType,
      ] as const,
  ),
  ["Content-Encoding: identity", post(device, { headers: ["Content-Encoding: identity"] }), created],
  [
    "chunks",
    request(
      "POST /devices",
      [authorization, "Content-Type: application/json", "Transfer-Encoding: chunked"],
      `${device.length.toString(16)}\r\n${device}\r\n0\r\n\r\n`,
    ),
    created,
  ],
  [
    "a body for an operation without one",
    request("GET /devices", [authorization, "Content-Type: application/json", "Content-Length: 2"], "{}"),
    ok,
  ],
  [
    "null for an operation without a body",
    request("GET /devices", [authorization, "Content-Type: application/json", "Content-Length: 4"], "null"),
    ok,
  ],
  [
    "text for an operation without a body",
    request("GET /devices", [authorization, "Content-Type: text/plain", "Content-Length: 1"], "x"),
    ok,
  ],
  [
    "201 items in two lists",
    post(
      JSON.stringify({
        jids: Array.from({ length: 101 }, (_, index) => `${5511900000000 + index}@s.whatsapp.net`),
        numbers: Array.from({ length: 100 }, (_, index) => `${5521900000000 + index}`),
      }),
      { path: "/contacts/profile-pictures" },
    ),
    invalid("jids", "numbers"),
  ],
  ["base64 without padding", post('{"image":"YQ"}', { path: "/profile/picture" }), invalid("image")],
  ["what is no base64", post('{"image":"!!!!"}', { path: "/profile/picture" }), invalid("image")],
];

/** Methods and headers, each with what it gets. */
const others: readonly (readonly [title: string, text: string, expected: Expected])[] = [
  ["a path that cannot be decoded", post('{"image":"AAAA"}', { path: "/groups/%/picture" }), invalid("jid")],
  ["HEAD of a list", request("HEAD /devices"), ok],
  ["HEAD of a public operation", request("HEAD /health/live", []), ok],
  ["HEAD of a document", request("HEAD /openapi.yaml", []), ok],
  ["HEAD with a wrong query", request("HEAD /devices?limit=0"), { status: 400 }],
  ["HEAD of an unknown path", request("HEAD /nowhere"), { status: 404 }],
  ["HEAD without a token", request("HEAD /devices", []), { status: 401 }],
  ["HEAD where there is no GET", request("HEAD /connect"), { status: 405 }],
  ["another method", request("DELETE /devices"), notAllowed],
  ["TRACE", request("TRACE /devices"), notAllowed],
  ["OPTIONS without an origin", request("OPTIONS /devices"), notAllowed],
  ["OPTIONS of the server", request("OPTIONS *"), notFound],
  ["CONNECT", request("CONNECT wuts.test:443"), notFound],
  [
    "a preflight",
    request("OPTIONS /devices", ["Origin: https://app.test", "Access-Control-Request-Method: POST"]),
    { status: 204 },
  ],
  [
    "a preflight of an unknown path",
    request("OPTIONS /nowhere", ["Origin: https://app.test", "Access-Control-Request-Method: POST"]),
    notFound,
  ],
  ["a page of another origin", get("/devices", "Origin: https://app.test"), ok],
  ["no token", request("GET /devices", []), unauthorized],
  ["a token that is none", request("GET /devices", ["Authorization: Bearer x"]), unauthorized],
  ["another scheme", request("GET /devices", ["Authorization: Basic TOKEN"]), unauthorized],
  ["a token before validation", request("GET /devices?limit=0", []), unauthorized],
  ["the scheme in capitals", request("GET /devices", ["Authorization: BEARER TOKEN"]), ok],
  ["no scheme", request("GET /devices", ["Authorization: TOKEN"]), ok],
  ["Expect: something else", get("/devices", "Expect: a-miracle"), { ...invalid("Expect"), status: 417 }],
  ["HTTP/1.0", request("GET /devices").replace("HTTP/1.1", "HTTP/1.0"), ok],
  ["no Host", request("GET /devices").replace("Host: wuts.test\r\n", ""), invalid("Host")],
  ["two Hosts", get("/devices", "Host: other.test"), invalid("Host")],
  ["a folded header", get("/devices", "X-Long: a\r\n b"), invalid("request")],
  ["a length that is no number", get("/devices", "Content-Length: x"), invalid("request")],
  ["two lengths", get("/devices", "Content-Length: 1", "Content-Length: 2"), invalid("request")],
  ["an unknown method", request("FETCH /devices"), invalid("request")],
  ["a space in the target", request("GET /devices ?limit=1"), invalid("request")],
  ["headers that are too large", get("/devices", `X-Long: ${"x".repeat(17_000)}`), invalid("headers")],
  ["a URL that is too long", get(`/devices?limit=${"1".repeat(9_000)}`), invalid("URL")],
  ["no HTTP", "hello\r\n\r\n", invalid("request")],
];

/** All requests of the suite. */
export const wireCases: readonly WireCase[] = [
  ...[...targets, ...queries].map(([target, expected]) => ({
    title: `GET ${target}`,
    text: get(target),
    ...expected,
  })),
  ...bodies.map(([title, text, expected]) => ({ title: `a body of ${title}`, text, ...expected })),
  ...others.map(([title, text, expected]) => ({ title, text, ...expected })),
];
