/** What a client sends about itself when it wants to be paired. Keys are public keys of 32 bytes. */
export interface Registration {
  readonly noiseKey: Buffer;
  readonly identityKey: Buffer;
  readonly registrationId: number;
}
