// Makes the template's tables at the DynamoDB server; a table that is there already must be the same.

import type { Upstream } from './upstream.ts';

export interface TableDefinition {
  readonly TableName: string;
  readonly AttributeDefinitions: ReadonlyArray<{ AttributeName: string; AttributeType: string }>;
  readonly KeySchema: ReadonlyArray<{ AttributeName: string; KeyType: string }>;
  readonly GlobalSecondaryIndexes?: unknown[] | undefined;
  readonly LocalSecondaryIndexes?: unknown[] | undefined;
  readonly BillingMode: string;
  readonly ProvisionedThroughput?: unknown;
  readonly StreamSpecification?: { StreamEnabled: true; StreamViewType: string } | undefined;
}

export interface LocalTable {
  readonly name: string;
  /** The server's own ARN of the table's stream. */
  readonly streamArn: string | undefined;
}

interface Description {
  readonly KeySchema: unknown;
  readonly GlobalSecondaryIndexes?: ReadonlyArray<{ IndexName: string }>;
  readonly StreamSpecification?: { StreamViewType?: string };
  readonly LatestStreamArn?: string;
}

export class Tables {
  readonly #upstream: Upstream;
  readonly #byName = new Map<string, LocalTable>();

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
  }

  all(): LocalTable[] {
    return [...this.#byName.values()];
  }

  /**
   * Makes a table, or takes the one that the state holds.
   * @param timeToLive the attribute that holds an item's end, if any
   * @throws Error when the state holds another table of this name.
   */
  async create(definition: TableDefinition, timeToLive: string | undefined): Promise<LocalTable> {
    const existing = await this.#describe(definition.TableName);
    if (existing) refuseDifference(definition, existing);
    else await this.#make(definition, timeToLive);
    const described = existing ?? (await this.#describe(definition.TableName));
    const table = { name: definition.TableName, streamArn: described?.LatestStreamArn };
    this.#byName.set(table.name, table);
    return table;
  }

  async #make(definition: TableDefinition, timeToLive: string | undefined): Promise<void> {
    await this.#upstream.call('DynamoDB_20120810.CreateTable', definition);
    if (!timeToLive) return;
    await this.#upstream.call('DynamoDB_20120810.UpdateTimeToLive', {
      TableName: definition.TableName,
      TimeToLiveSpecification: { Enabled: true, AttributeName: timeToLive },
    });
  }

  async #describe(TableName: string): Promise<Description | undefined> {
    const { TableNames } = await this.#upstream.call('DynamoDB_20120810.ListTables', {});
    if (!(TableNames as string[]).includes(TableName)) return undefined;
    const { Table } = await this.#upstream.call('DynamoDB_20120810.DescribeTable', { TableName });
    return Table as Description;
  }
}

function refuseDifference(wanted: TableDefinition, existing: Description): void {
  const outline = (keys: unknown, indexes: unknown, view: string | undefined): string =>
    JSON.stringify([keys, namesOf(indexes).sort(), view ?? null]);
  const asked = outline(
    wanted.KeySchema,
    wanted.GlobalSecondaryIndexes,
    wanted.StreamSpecification?.StreamViewType,
  );
  const found = outline(
    existing.KeySchema,
    existing.GlobalSecondaryIndexes,
    existing.StreamSpecification?.StreamViewType,
  );
  if (asked === found) return;
  throw new Error(
    `the kept state holds a table ${wanted.TableName} with other keys, indexes or stream; forget the state to go on`,
  );
}

function namesOf(indexes: unknown): string[] {
  return ((indexes ?? []) as Array<{ IndexName: string }>).map((index) => index.IndexName);
}
