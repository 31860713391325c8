/** The server does not start, or a command does not run, as things are. The message is a sentence for who started it. */
export class StartRefused extends Error {}
