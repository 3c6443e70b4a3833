/** The secrets, each with its current and its previous value, kept in the state's database. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { AwsError } from '../aws/aws-error.ts';

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly value: string;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly changed_at: number;
}

const TABLE = `
  CREATE TABLE IF NOT EXISTS secrets (
    arn TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, version TEXT NOT NULL, changed_at INTEGER NOT NULL,
    stage TEXT NOT NULL, PRIMARY KEY (arn, stage)
  ) STRICT;`;

export type Stage = 'AWSCURRENT' | 'AWSPREVIOUS';

export class Secrets {
  readonly #database: DatabaseSync;
  readonly #known = new Set<string>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(TABLE);
  }

  /** Creates a secret; one that the state already holds keeps its value, as it would through a deployment. */
  create(arn: string, name: string, value: () => string): void {
    this.#known.add(arn);
    if (!this.#row(arn, 'AWSCURRENT')) this.#insert(arn, name, value(), randomUUID());
  }

  /** The secret with this ARN or name. @throws AwsError ResourceNotFoundException */
  find(id: string, stage: Stage = 'AWSCURRENT'): Secret {
    const row = this.#row(id, stage);
    if (row && this.#known.has(row.arn)) return row;
    throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }

  /** The ARN of the secret with this ARN or name, if there is one. */
  arnOf(id: string): string | undefined {
    const arn = this.#row(id, 'AWSCURRENT')?.arn;
    return arn !== undefined && this.#known.has(arn) ? arn : undefined;
  }

  /** Gives a secret a new value; the one before stays readable as AWSPREVIOUS. */
  put(id: string, value: string, version: string = randomUUID()): Secret {
    const { arn, name } = this.find(id);
    this.#database.prepare("DELETE FROM secrets WHERE arn = ? AND stage = 'AWSPREVIOUS'").run(arn);
    this.#database.prepare("UPDATE secrets SET stage = 'AWSPREVIOUS' WHERE arn = ?").run(arn);
    this.#insert(arn, name, value, version);
    return this.find(arn);
  }

  #row(id: string, stage: Stage): Secret | undefined {
    const statement = this.#database.prepare(
      'SELECT * FROM secrets WHERE (arn = ? OR name = ?) AND stage = ?',
    );
    return statement.get(id, id, stage) as unknown as Secret | undefined;
  }

  #insert(arn: string, name: string, value: string, version: string): void {
    this.#database
      .prepare(
        "INSERT INTO secrets (arn, name, value, version, changed_at, stage) VALUES (?, ?, ?, ?, ?, 'AWSCURRENT')",
      )
      .run(arn, name, value, version, Date.now());
  }
}
