/** The result of a check: `warn` is worth knowing, `fail` keeps the server from working. */
export interface Finding {
  readonly status: "ok" | "warn" | "fail";
  /** The finding, and what to do about it. Contains no secret. */
  readonly message: string;
}

export const ok = (message: string): Finding => ({ status: "ok", message });
export const warn = (message: string): Finding => ({ status: "warn", message });
export const fail = (message: string): Finding => ({ status: "fail", message });
