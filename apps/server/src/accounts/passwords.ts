import { randomBytes, type ScryptOptions, scrypt } from "node:crypto";
import { FairQueue } from "../kernel/concurrency/fair-queue.ts";
import { Failure } from "../kernel/failures.ts";

/** Turns passwords into what may be stored of them. */
export class Passwords {
  readonly #queue: FairQueue;

  constructor({ maxWaiting = 8 }: { readonly maxWaiting?: number } = {}) {
    this.#queue = new FairQueue({
      // Each takes 32 MiB and one of the four threads that pictures, files and DNS need too.
      concurrency: 1,
      maxWaiting,
      limitMs: 20_000,
      refusal: () => new Failure("RateLimited", { retryAfter: 1 }),
    });
  }

  /**
   * Hashes a password with scrypt and a salt of its own.
   * @param owner the tenant, or another owner, whose share of the hashing queue the password uses
   * @returns the hash as text, with everything that is needed to compare a password with it
   * @throws Failure RateLimited when too many of the owner wait already
   */
  async hash(password: string, owner: string): Promise<string> {
    return this.#queue.run(owner, async () => {
      const salt = randomBytes(16);
      const key = await derive(password, salt);
      return `$scrypt$ln=${log2N},r=${r},p=${p}$${encode(salt)}$${encode(key)}`;
    });
  }
}

/** One of the settings that OWASP's password storage cheat sheet recommends for scrypt: 32 MiB, about 0.2 s. */
const [log2N, r, p] = [15, 8, 3];
const options: ScryptOptions = { N: 2 ** log2N, r, p, maxmem: 64 * 1024 * 1024 };

/** Derives the hash. Texts that look the same are the same password, however they were typed. */
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
