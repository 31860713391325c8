import { type ChildProcess, fork } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Message, readMessage } from "../message.ts";

const compileCache = fileURLToPath(new URL("../../../../node_modules/.cache/node", import.meta.url));
const answerTimeoutMs = 180_000;
const endTimeoutMs = 5_000;

/** A process of the benchmark, as the benchmark sees it. */
export class Child {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #signal: AbortSignal;
  readonly #ended = new AbortController();
  readonly #heard = new EventEmitter();
  readonly #unheard = new Map<string, string>();

  /**
   * @param name of a file in `processes`
   * @param signal ends every wait for the process; ending the process itself is `stop`'s business
   */
  constructor(name: string, args: readonly string[], signal: AbortSignal) {
    this.#name = name;
    this.#signal = signal;
    this.#process = fork(fileURLToPath(new URL(`./${name}.ts`, import.meta.url)), args, {
      // Nothing is printed: libsignal would print session objects with private keys. Failures come as messages.
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [],
      // As `npm start` has it.
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    });
    this.#process.on("message", (received) => this.#receive(readMessage(received)));
    this.#process.on("error", (error) => this.#ended.abort(error));
    this.#process.on("exit", (code, by) => this.#ended.abort(new Error(`${name} ended with ${by ?? code}`)));
  }

  /** Resolves with the reason when it has ended. */
  get ended(): Promise<unknown> {
    const { signal } = this.#ended;
    if (signal.aborted) return Promise.resolve(signal.reason);
    return once(signal, "abort").then(() => signal.reason);
  }

  /** Waits for a message; the last unread one of its topic counts. @throws Error */
  async hear(topic: string): Promise<string> {
    const text = this.#unheard.get(topic);
    this.#unheard.delete(topic);
    if (text !== undefined) return text;
    const signal = AbortSignal.any([this.#signal, this.#ended.signal, AbortSignal.timeout(answerTimeoutMs)]);
    try {
      const [reported] = await once(this.#heard, topic, { signal });
      return String(reported);
    } catch {
      throw new Error(`${this.#name} did not tell "${topic}": ${signal.reason}`, { cause: signal.reason });
    }
  }

  /** Sends a message to the process and waits for the reply. @throws Error */
  async ask(topic: string, text = ""): Promise<string> {
    const message: Message = { topic, text };
    if (this.#process.connected) this.#process.send(message);
    return this.hear(topic);
  }

  /** Lets it end, and makes it end when it does not. Resolves when it has. */
  async stop(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    const exit = once(this.#process, "exit");
    const giveUpTimer = setTimeout(() => this.#process.kill("SIGKILL"), endTimeoutMs);
    if (this.#process.connected) this.#process.disconnect();
    await exit;
    clearTimeout(giveUpTimer);
  }

  /** Kills it with SIGKILL. Resolves when it has ended. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.ended;
  }

  #receive(message: Message | undefined): void {
    if (!message) return;
    if (message.topic === "failed") this.#ended.abort(new Error(message.text));
    else if (!this.#heard.emit(message.topic, message.text)) this.#unheard.set(message.topic, message.text);
  }
}
