/** Creates the template's tables at the DynamoDB server; a table that is there already must be the same. */
import type { TableNames } from './table-names.ts';
import { type Upstream, UpstreamError } from './upstream.ts';

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
  readonly TableArn: string;
  readonly KeySchema: unknown;
  readonly GlobalSecondaryIndexes?: ReadonlyArray<{ IndexName: string }>;
  readonly StreamSpecification?: { StreamViewType?: string };
  readonly LatestStreamArn?: string;
}

export interface TableRequest {
  /** Its name in the template, if there is one. */
  readonly name: string | undefined;
  /** `<stack>-<logical id>`, from which a name is made otherwise. */
  readonly resource: string;
  readonly definition: Omit<TableDefinition, 'TableName'>;
  /** The attribute that holds an item's end, if any. */
  readonly timeToLive: string | undefined;
}

export class Tables {
  readonly #upstream: Upstream;
  readonly #names: TableNames;
  readonly #byName = new Map<string, LocalTable>();
  /** How the server's ARNs begin, up to the account and its colon. */
  serverArns: string | undefined;

  constructor(upstream: Upstream, names: TableNames) {
    this.#upstream = upstream;
    this.#names = names;
  }

  all(): LocalTable[] {
    return [...this.#byName.values()];
  }

  /**
   * Creates a table, or takes the one that the state holds.
   * @throws Error when the state holds another table of this name, or the server one that is not this cloud's.
   */
  async create({ name: given, resource, definition, timeToLive }: TableRequest): Promise<LocalTable> {
    const name = given ?? this.#names.nameOf(resource);
    const wanted = { ...definition, TableName: name };
    const existing = await this.#describe(name);
    if (existing && !this.#names.has(name)) {
      throw new Error(`the DynamoDB server holds a table ${name} already, which is not this cloud's`);
    }
    this.#names.add(name);
    if (existing) refuseDifference(wanted, existing);
    else await this.#make(wanted, timeToLive);
    const described = existing ?? (await this.#describe(name));
    this.serverArns = /^(arn:[^:]*:dynamodb:[^:]*:[^:]*:)/.exec(described?.TableArn ?? '')?.[1];
    const table = { name, streamArn: described?.LatestStreamArn };
    this.#byName.set(name, table);
    return table;
  }

  /** Deletes all tables of this cloud from the server. */
  async deleteAll(): Promise<void> {
    await deleteTables(this.#upstream, this.#names.all());
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
    const answer = await unlessMissing(this.#upstream.call('DynamoDB_20120810.DescribeTable', { TableName }));
    return answer?.Table as Description | undefined;
  }
}

/** Deletes tables from a server; one that is not there is deleted already. */
export async function deleteTables(upstream: Upstream, names: readonly string[]): Promise<void> {
  for (const TableName of names) {
    await unlessMissing(upstream.call('DynamoDB_20120810.DeleteTable', { TableName }));
  }
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof UpstreamError && error.type === 'ResourceNotFoundException') return undefined;
    throw error;
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
