/** A command failed to do its work. The message is a sentence for the terminal. */
export class CommandFailed extends Error {
  override readonly name: string = "CommandFailed";
  readonly exitCode: 1 | 2 = 1;
}

/** A command was called with invalid arguments. The message says which ones it accepts. */
export class WrongCall extends CommandFailed {
  override readonly name = "WrongCall";
  override readonly exitCode = 2;
}
