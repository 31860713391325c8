import type { Session } from "../model/accounts/session.ts";
import type { Connection } from "../wire/connection.ts";

/** A client on its connection, with the session that it has once it has logged in. */
export type Client = Connection<Session>;
