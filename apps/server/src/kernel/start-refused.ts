/** The server does not start, or a command does not run, as things are. The message is a sentence for who started it. */
export class StartRefused extends Error {
  /** Whether it comes and goes by itself, so that `wuts doctor` may tell how things are now. */
  readonly mayPass: boolean = false;
}
