/** The server cannot start, or a command cannot run, in the current state. The message is a sentence for the operator. */
export class StartRefused extends Error {
  /** Whether the cause may pass by itself, so that `wuts doctor` may report another state later. */
  readonly mayPass: boolean = false;
}
