import { Curve, type KeyPair, proto } from "@whiskeysockets/baileys";

/** What a simulator shows in the Noise handshake: its static key and the certificates that vouch for it. */
export interface NoiseIdentity {
  readonly keyPair: KeyPair;
  readonly certificateChain: Uint8Array;
  /** What a client that verifies for real has to trust instead of WhatsApp's root. */
  readonly rootPublicKey: Uint8Array;
}

const DAY_SECONDS = 86_400;
/** The root's serial; Baileys refuses an intermediate with any other issuer (rc14 Utils/noise-handler.ts). */
const ROOT_SERIAL = 0;
const INTERMEDIATE_SERIAL = 1;
const LEAF_SERIAL = 2;

/**
 * A root of its own, an intermediate and a leaf for a new static key, so that the chain passes a true
 * verification too (issuer serials, key of the leaf, validity), all three of which whatsmeow checks. rc14
 * itself accepts any signature of 64 bytes (proven on loopback).
 */
export function makeNoiseIdentity(): NoiseIdentity {
  const root = Curve.generateKeyPair();
  const intermediate = Curve.generateKeyPair();
  const keyPair = Curve.generateKeyPair();

  const intermediateDetails = certificateDetails(INTERMEDIATE_SERIAL, ROOT_SERIAL, intermediate.public);
  const leafDetails = certificateDetails(LEAF_SERIAL, INTERMEDIATE_SERIAL, keyPair.public);
  const certificateChain = proto.CertChain.encode({
    intermediate: {
      details: intermediateDetails,
      signature: Curve.sign(root.private, intermediateDetails),
    },
    leaf: { details: leafDetails, signature: Curve.sign(intermediate.private, leafDetails) },
  }).finish();
  return { keyPair, certificateChain, rootPublicKey: root.public };
}

function certificateDetails(serial: number, issuerSerial: number, key: Uint8Array): Uint8Array {
  const yesterday = Math.floor(Date.now() / 1000) - DAY_SECONDS;
  return proto.CertChain.NoiseCertificate.Details.encode({
    serial,
    issuerSerial,
    key,
    notBefore: yesterday,
    notAfter: yesterday + 3650 * DAY_SECONDS,
  }).finish();
}
