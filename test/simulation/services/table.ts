/**
 * The tasks table and the usage table: answer the SDK's commands as DynamoDB does, so that the stores run over them as they
 * are. table.test.ts compares them with a real server.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  type CancellationReason,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { conditionOf, type Item } from './condition.ts';
import { Gap } from './gap.ts';
import { updatedBy } from './update.ts';

export interface Change {
  readonly before: Item | undefined;
  readonly after: Item;
}

/** DynamoDB takes so much of one item, names included. */
const MOST_BYTES = 400 * 1024;

type Key = Readonly<Record<string, AttributeValue>>;
type Conditional = Pick<
  PutItemCommand['input'],
  | 'ConditionExpression'
  | 'ExpressionAttributeNames'
  | 'ExpressionAttributeValues'
  | 'ReturnValuesOnConditionCheckFailure'
>;
/** What a put or an update makes of an item. */
interface Write {
  readonly table: string;
  readonly condition: Conditional;
  readonly before: Item | undefined;
  readonly after: Item;
}

const keyOf = ({ id, owner, entry }: Key): string => id?.S ?? `${owner?.S} ${entry?.S}`;

export class SimulatedTable {
  /** The tasks by id. */
  readonly items = new Map<string, Item>();
  /** The rows of the usage table by owner and entry. */
  readonly usage = new Map<string, Item>();
  readonly #done = new WeakSet<object>();
  readonly #onChange: (change: Change) => void;
  readonly #meetsAnother: () => boolean;

  /**
   * @param onChange what the stream is told of every write of a task
   * @param meetsAnother whether a transaction finds another one in its way
   */
  constructor(
    onChange: (change: Change) => void = () => undefined,
    meetsAnother: () => boolean = () => false,
  ) {
    this.#onChange = onChange;
    this.#meetsAnother = meetsAnother;
  }

  /** @throws what the SDK throws */
  perform(command: unknown): object {
    if (command instanceof GetItemCommand) return this.#get(command);
    if (command instanceof PutItemCommand) return this.#alone(this.#put(command.input));
    if (command instanceof UpdateItemCommand) return this.#alone(this.#update(command.input));
    if (command instanceof BatchGetItemCommand) return this.#batchGet(command);
    if (command instanceof TransactWriteItemsCommand) return this.#transact(command);
    throw new Gap(`${(command as object).constructor.name} on a table`);
  }

  /** Writes without a condition, as nobody but a stranger does. */
  put(item: Item): void {
    this.#write({ table: 'tasks', condition: {}, before: this.items.get(keyOf(item)), after: item });
  }

  /** What is only written and never read again by a function is kept nowhere. */
  #rowsOf(table = ''): Map<string, Item> | undefined {
    return { tasks: this.items, usage: this.usage }[table];
  }

  #get({ input }: GetItemCommand): object {
    const item = this.#rowsOf(input.TableName)?.get(keyOf(input.Key ?? {}));
    return item ? { Item: item } : {};
  }

  #batchGet({ input }: BatchGetItemCommand): object {
    const requests = Object.entries(input.RequestItems ?? {}).map(([table, request]) => {
      const { Keys = [], ProjectionExpression = '', ExpressionAttributeNames = {} } = request;
      const names = ProjectionExpression.split(', ').map((name) => ExpressionAttributeNames[name] ?? name);
      const found = Keys.map((key) => this.items.get(keyOf(key))).filter((item) => item !== undefined);
      return [table, found.map((item) => projected(item, names))];
    });
    return { Responses: Object.fromEntries(requests) };
  }

  #put(input: PutItemCommand['input'] | NonNullable<TransactWriteItem['Put']>): Write {
    const after = input.Item as Item;
    const table = input.TableName ?? '';
    return { table, condition: input, before: this.#rowsOf(table)?.get(keyOf(after)), after };
  }

  #update(input: UpdateItemCommand['input'] | NonNullable<TransactWriteItem['Update']>): Write {
    const table = input.TableName ?? '';
    const key = input.Key ?? {};
    const before = this.#rowsOf(table)?.get(keyOf(key));
    const placeholders = placeholdersOf(input);
    const after = updatedBy(input.UpdateExpression ?? '', { ...key, ...before }, placeholders);
    return { table, condition: input, before, after };
  }

  #alone(write: Write): object {
    if (!holds(write)) {
      const reason = failed(write);
      throw new ConditionalCheckFailedException({
        message: 'The conditional request failed',
        $metadata: {},
        ...(reason.Item && { Item: reason.Item }),
      });
    }
    this.#write(write);
    return {};
  }

  /** All or nothing. The SDK repeats a command with the token that it had, and what was done is not done again. */
  #transact(command: TransactWriteItemsCommand): object {
    if (this.#done.has(command)) return {};
    const items = command.input.TransactItems ?? [];
    const writes = items.map(({ Put, Update }) => (Put ? this.#put(Put) : this.#update(Update!)));
    if (this.#meetsAnother())
      throw cancelled(writes.map((_, at) => ({ Code: at ? 'None' : 'TransactionConflict' })));
    if (!writes.every(holds))
      throw cancelled(writes.map((write) => (holds(write) ? { Code: 'None' } : failed(write))));
    this.#done.add(command);
    // A record is heard of when everything that goes with it is there.
    for (const write of writes.reverse()) this.#write(write);
    return {};
  }

  #write({ table, before, after }: Write): void {
    if (sizeOf({ M: after } as AttributeValue) > MOST_BYTES) {
      throw Object.assign(new Error('Item size has exceeded the maximum allowed size'), {
        name: 'ValidationException',
      });
    }
    this.#rowsOf(table)?.set(keyOf(after), after);
    if (table === 'tasks') this.#onChange({ before, after });
  }
}

const placeholdersOf = ({ ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: Conditional) => ({
  names: ExpressionAttributeNames,
  values: ExpressionAttributeValues,
});

function holds({ condition, before }: Write): boolean {
  const { ConditionExpression } = condition;
  return (
    ConditionExpression === undefined ||
    conditionOf(ConditionExpression)(before ?? {}, placeholdersOf(condition))
  );
}

function failed({ condition, before }: Write): CancellationReason {
  const returnsItem = condition.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
  return { Code: 'ConditionalCheckFailed', ...(before && returnsItem && { Item: before }) };
}

const cancelled = (CancellationReasons: CancellationReason[]) =>
  new TransactionCanceledException({
    message: 'Transaction cancelled, please refer cancellation reasons for specific reasons',
    $metadata: {},
    CancellationReasons,
  });

const projected = (item: Item, names: readonly string[]): Item =>
  Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));

/** About what DynamoDB counts (developer guide, "Item sizes and formats"). */
function sizeOf(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return value.N.length / 2 + 1;
  if (value.L) return value.L.reduce((sum, item) => sum + 1 + sizeOf(item), 3);
  if (!value.M) return 1;
  return Object.entries(value.M).reduce((sum, [name, item]) => sum + 1 + name.length + sizeOf(item), 3);
}
