/** What a check came to: `warn` is worth knowing, `fail` keeps the server from working. */
export interface Finding {
  readonly status: "ok" | "warn" | "fail";
  /** What was found and what to do about it. Holds no secret. */
  readonly message: string;
}

export const ok = (message: string): Finding => ({ status: "ok", message });
export const warn = (message: string): Finding => ({ status: "warn", message });
export const fail = (message: string): Finding => ({ status: "fail", message });
