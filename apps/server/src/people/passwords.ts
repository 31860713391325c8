import { randomBytes, type ScryptOptions, scrypt } from "node:crypto";
import PQueue from "p-queue";
import { Failure } from "../failures.ts";

/** Turns passwords into what may be stored of them. */
export class Passwords {
  // Each takes 32 MiB and one of the few threads that files and DNS need too.
  readonly #queue = new PQueue({ concurrency: 2 });
  readonly #maxWaiting: number;

  constructor({ maxWaiting = 16 }: { readonly maxWaiting?: number } = {}) {
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Hashes a password with scrypt and a salt of its own.
   * @returns the hash as text, with everything that is needed to compare a password with it
   * @throws Failure RateLimited when too many wait already
   */
  async hash(password: string): Promise<string> {
    if (this.#queue.size >= this.#maxWaiting) throw new Failure("RateLimited", { retryAfter: 1 });
    return this.#queue.add(async () => {
      const salt = randomBytes(16);
      const key = await derive(password, salt);
      return `$scrypt$ln=${log2N},r=${r},p=${p}$${encode(salt)}$${encode(key)}`;
    });
  }
}

/** One of the settings that OWASP's password storage cheat sheet recommends for scrypt: 32 MiB, about 0.2 s. */
const [log2N, r, p] = [15, 8, 3];
const options: ScryptOptions = { N: 2 ** log2N, r, p, maxmem: 64 * 1024 * 1024 };

/** Texts that look the same are the same password, however they were typed. */
function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, 32, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function encode(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}
