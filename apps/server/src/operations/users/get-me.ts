import type { Operation } from "../operation.ts";

export const getMe: Operation<"getMe"> = async ({ caller }, { users }) => ({
  status: 200,
  data: await users.me(caller),
});
