import {
  type ColumnDefinitionNode,
  type DatabaseConnection,
  DataTypeNode,
  HandleEmptyInListsPlugin,
  type KyselyPlugin,
  OperationNodeTransformer,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  RawNode,
  replaceWithNoncontingentExpression,
} from "kysely";
import pg from "pg";
import { ConnectionTurns } from "./connection-turns.ts";
import { namesUnavailable, StorageUnavailable } from "./unavailable.ts";

export interface PostgresOptions {
  /** Is called when a connection breaks while no statement runs on it; the pool replaces it. */
  readonly onIdleError?: ((error: Error) => void) | undefined;
  /** How many there are at the most. */
  readonly connections?: number;
}

/**
 * A pool of connections to a PostgreSQL database. Every wait has an end: for a connection, for a lock, for an answer.
 * @param url as libpq takes it, such as `postgres://user:password@host/database?sslmode=verify-full`
 */
export function postgresDialect(
  url: string,
  { onIdleError, connections = mostConnections }: PostgresOptions = {},
): PostgresDialect {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "wuts",
    max: connections,
    connectionTimeoutMillis: connectionTimeoutMs,
    // The same limit as SQLite's wait for another writer.
    lock_timeout: 5_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
    // The server ends a statement before; this is for a server that has become unreachable.
    query_timeout: 35_000,
    keepAlive: true,
  });
  // Without a listener, a connection that breaks between two statements would end the process. The pool itself listens only
  // while the connection is idle in the pool.
  pool.on("connect", (client) => void client.on("error", (error) => onIdleError?.(error)));
  pool.on("error", () => undefined);
  return new TurnTakingPostgresDialect({ pool }, connections);
}

class TurnTakingPostgresDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;
  readonly #connections: number;

  constructor(config: PostgresDialectConfig, connections: number) {
    super(config);
    this.#config = config;
    this.#connections = connections;
  }

  override createDriver(): PostgresDriver {
    return new TurnTakingPostgresDriver(this.#config, this.#connections);
  }
}

class TurnTakingPostgresDriver extends PostgresDriver {
  readonly #turns: ConnectionTurns;

  constructor(config: PostgresDialectConfig, connections: number) {
    super(config);
    this.#turns = new ConnectionTurns({ connections, limitMs: connectionTimeoutMs });
  }

  override async acquireConnection(
    ...args: Parameters<PostgresDriver["acquireConnection"]>
  ): Promise<DatabaseConnection> {
    // Each failure means that the database cannot be reached: the reasons, such as a missing database, have codes of many
    // kinds.
    const connection = await this.#turns
      .begin(() => super.acquireConnection(...args))
      .catch((error: unknown) => {
        throw error instanceof Error ? new StorageUnavailable(error) : error;
      });
    return namesUnavailable(connection);
  }

  override async releaseConnection(
    connection: Parameters<PostgresDriver["releaseConnection"]>[0],
    ...args: DropFirst<Parameters<PostgresDriver["releaseConnection"]>>
  ): Promise<void> {
    try {
      await super.releaseConnection(connection, ...args);
    } finally {
      this.#turns.end(connection);
    }
  }
}

type DropFirst<List extends unknown[]> = List extends [unknown, ...infer Rest] ? Rest : never;

const mostConnections = 10;

/** How long a connection is waited for, and then how long one may take to be made. */
const connectionTimeoutMs = 10_000;

/** Nothing is in a list of nothing: to SQLite that is no error, to PostgreSQL it is one of syntax. */
export const emptyLists = new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression });

/**
 * Lets text be compared by its bytes, as SQLite does it, whatever locale the database was made with: pages of a list go on
 * behind a JID, and times are compared as text.
 */
export class TextByBytes implements KyselyPlugin {
  readonly #transformer = new ColumnsByBytes();

  transformQuery({ node, queryId }: Parameters<KyselyPlugin["transformQuery"]>[0]) {
    return this.#transformer.transformNode(node, queryId);
  }

  async transformResult({ result }: Parameters<KyselyPlugin["transformResult"]>[0]) {
    return result;
  }
}

class ColumnsByBytes extends OperationNodeTransformer {
  protected override transformColumnDefinition(
    ...args: Parameters<OperationNodeTransformer["transformColumnDefinition"]>
  ): ColumnDefinitionNode {
    const node = super.transformColumnDefinition(...args);
    if (!DataTypeNode.is(node.dataType) || node.dataType.dataType !== "text") return node;
    return { ...node, dataType: RawNode.createWithSql('text collate "C"') };
  }
}
