/** Secrets that may not be found anywhere, in whatever form they could have been written. */
export class SecretSearch {
  readonly #formsByStart = new Map<number, { readonly name: string; readonly bytes: Buffer }[]>();
  readonly #names = new Set<string>();

  /** How many secrets are looked for. */
  get size(): number {
    return this.#names.size;
  }

  /** Looks for this text as it is. */
  addText(name: string, text: string): void {
    this.#add(name, Buffer.from(text));
  }

  /** Looks for these bytes as they are, in hex, and in base64, alone or as a part of something longer. */
  addBytes(name: string, bytes: Buffer): void {
    this.#add(name, bytes);
    this.addText(name, bytes.toString("hex"));
    this.addText(name, bytes.toString("hex").toUpperCase());
    for (const offset of [0, 1, 2]) {
      const within = Buffer.concat([Buffer.alloc(offset), bytes]);
      // Digits at the edges that also depend on what is before or after are left out.
      const [start, end] = [Math.ceil((offset * 4) / 3), Math.floor((within.length * 4) / 3)];
      for (const form of ["base64", "base64url"] as const) {
        this.addText(name, within.toString(form).slice(start, end));
      }
    }
  }

  /** @returns the names of the secrets that are in there, each with the text around it */
  findIn(content: Buffer): string[] {
    const found = new Map<string, string>();
    for (let at = 0; at + startBytes <= content.length; at += 1) {
      for (const { name, bytes } of this.#formsByStart.get(content.readUInt32LE(at)) ?? []) {
        if (found.has(name) || !content.subarray(at, at + bytes.length).equals(bytes)) continue;
        found.set(name, content.toString("latin1", Math.max(0, at - 80), at + 80));
      }
    }
    return [...found].map(([name, around]) => `${name}: …${around}…`);
  }

  #add(name: string, bytes: Buffer): void {
    if (bytes.length < leastBytes) throw new Error(`${name} is too short to be looked for`);
    const start = bytes.readUInt32LE(0);
    const forms = this.#formsByStart.get(start) ?? [];
    this.#formsByStart.set(start, forms);
    if (!forms.some((form) => form.name === name && form.bytes.equals(bytes))) forms.push({ name, bytes });
    this.#names.add(name);
  }
}

/** Shorter ones would be found by chance. */
const leastBytes = 8;
const startBytes = 4;
