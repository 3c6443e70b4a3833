/** Forgets a kept state, also what of it lies at a DynamoDB server elsewhere. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { TableNames } from './dynamodb/table-names.ts';
import { deleteTables } from './dynamodb/tables.ts';
import { Upstream } from './dynamodb/upstream.ts';
import { useUnusedState } from './state.ts';

export interface KeptState {
  readonly stateDir: string;
  /** The server that keeps its tables, if it is not the embedded one. */
  readonly dynamodbEndpoint?: string | undefined;
}

/** @throws Error when a local cloud is using the state, or the server does not delete its tables; it is kept then */
export async function forgetState({ stateDir, dynamodbEndpoint }: KeptState): Promise<void> {
  if (!existsSync(stateDir)) return;
  const tables = useUnusedState(stateDir, (database) => new TableNames(database, dynamodbEndpoint).all());
  if (dynamodbEndpoint && tables) {
    const server = new Upstream(dynamodbEndpoint);
    try {
      await deleteTables(server, tables);
    } finally {
      server.close();
    }
  }
  await rm(stateDir, { recursive: true, force: true });
}
