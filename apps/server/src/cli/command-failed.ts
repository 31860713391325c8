/** A command could not do what it was asked for. The message is a sentence for the terminal. */
export class CommandFailed extends Error {
  override readonly name: string = "CommandFailed";
  readonly exitCode: 1 | 2 = 1;
}

/** A command was called with what it cannot take. The message says what it takes. */
export class WrongCall extends CommandFailed {
  override readonly name = "WrongCall";
  override readonly exitCode = 2;
}
