/** What a client tells about itself when it comes to be paired. Keys are public keys of 32 bytes. */
export interface Registration {
  readonly noiseKey: Buffer;
  readonly identityKey: Buffer;
  readonly registrationId: number;
}
