import { type Project, tool } from "./installed-client.ts";

/**
 * Compiles files of a project as strictly as TypeScript can. Rejects with what the compiler says, if it says anything.
 * @param types the packages whose global types the files use
 */
export async function compile(
  { write, run }: Project,
  resolution: "nodenext" | "bundler",
  files: readonly string[],
  types: readonly string[],
): Promise<void> {
  const compilerOptions = {
    ...{
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
    },
    ...{ allowJs: true, checkJs: true, noEmit: true, target: "es2022", types },
    module: resolution === "bundler" ? "esnext" : resolution,
    moduleResolution: resolution,
  };
  await write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
  await run(tool("tsc"), "-p", ".");
}
