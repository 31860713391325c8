/** @returns the environment without what npm, turbo and vitest tell those whom they run about this repository */
export function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(npm_|NODE_COMPILE_CACHE|VITEST|TURBO|INIT_CWD)/i.test(name)),
  );
}
