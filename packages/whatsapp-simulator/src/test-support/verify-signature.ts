import { createPublicKey, verify } from "node:crypto";

const FIELD = 2n ** 255n - 19n;
const PUBLIC_HEADER = Buffer.from("302a300506032b6570032100", "hex");

/**
 * Whether an XEdDSA signature is right, by Node's own Ed25519: rc14's `Curve.verify` takes any.
 * @param publicKey X25519, 32 bytes.
 */
export function isSignedBy(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const plain = Buffer.from(signature);
  const sign = (plain[63] ?? 0) & 0x80;
  plain[63] = (plain[63] ?? 0) & 0x7f;
  const key = createPublicKey({
    key: Buffer.concat([PUBLIC_HEADER, edwardsKey(publicKey, sign)]),
    format: "der",
    type: "spki",
  });
  return verify(null, message, key, plain);
}

/** y = (u - 1) / (u + 1), with the sign of x in the signature (Signal's XEdDSA specification, 2.3). */
function edwardsKey(montgomery: Uint8Array, sign: number): Buffer {
  const u = BigInt(`0x${Buffer.from(montgomery).reverse().toString("hex")}`) & (2n ** 255n - 1n);
  const y = (((u - 1n + FIELD) % FIELD) * power(u + 1n, FIELD - 2n)) % FIELD;
  const bytes = Buffer.from(y.toString(16).padStart(64, "0"), "hex").reverse();
  bytes[31] = (bytes[31] ?? 0) | sign;
  return bytes;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = base % FIELD;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * factor) % FIELD;
    factor = (factor * factor) % FIELD;
  }
  return result;
}
