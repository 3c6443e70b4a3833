/**
 * The tasks table: answers the SDK's commands as DynamoDB does, so that shared/task/store.ts runs over it as it is.
 * table.test.ts compares it with a real server.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { conditionOf, type Item } from './condition.ts';
import { Gap } from './gap.ts';

export interface Change {
  readonly before: Item | undefined;
  readonly after: Item;
}

/** DynamoDB takes so much of one item, names included. */
const MOST_BYTES = 400 * 1024;
const ASSIGNMENT = /^\s*(#?\w+)\s*=\s*(:\w+)\s*$/;

export class SimulatedTable {
  readonly items = new Map<string, Item>();
  readonly #onChange: (change: Change) => void;

  /** @param onChange what the stream is told of every write */
  constructor(onChange: (change: Change) => void = () => undefined) {
    this.#onChange = onChange;
  }

  /** @throws what the SDK throws */
  perform(command: unknown): object {
    if (command instanceof GetItemCommand) return this.#get(command);
    if (command instanceof PutItemCommand) return this.#put(command);
    if (command instanceof UpdateItemCommand) return this.#update(command);
    if (command instanceof BatchGetItemCommand) return this.#batchGet(command);
    throw new Gap(`${(command as object).constructor.name} on a table`);
  }

  /** Writes without a condition, as nobody but a stranger does. */
  put(item: Item): void {
    this.#write(this.items.get(item.id?.S ?? ''), item);
  }

  #get({ input }: GetItemCommand): object {
    const item = this.items.get(input.Key?.id?.S ?? '');
    return item ? { Item: item } : {};
  }

  #batchGet({ input }: BatchGetItemCommand): object {
    const requests = Object.entries(input.RequestItems ?? {}).map(([table, request]) => {
      const { Keys = [], ProjectionExpression = '', ExpressionAttributeNames = {} } = request;
      const names = ProjectionExpression.split(', ').map((name) => ExpressionAttributeNames[name] ?? name);
      const found = Keys.map((key) => this.items.get(key.id?.S ?? '')).filter((item) => item !== undefined);
      return [table, found.map((item) => projected(item, names))];
    });
    return { Responses: Object.fromEntries(requests) };
  }

  #put({ input }: PutItemCommand): object {
    const item = input.Item as Item;
    // What is only written and never read again by a function is kept nowhere.
    if (input.TableName !== 'tasks') return {};
    const before = this.items.get(item.id?.S ?? '');
    this.#check(input, before);
    this.#write(before, item);
    return {};
  }

  #update({ input }: UpdateItemCommand): object {
    const before = this.items.get(input.Key?.id?.S ?? '');
    this.#check(input, before);
    const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = input;
    const after: Record<string, AttributeValue> = { ...input.Key, ...before };
    const { assignments, removed } = updatesIn(input.UpdateExpression ?? '');
    for (const [name, placeholder] of assignments) after[names[name] ?? name] = values[placeholder]!;
    for (const name of removed) delete after[names[name] ?? name];
    this.#write(before, after);
    return {};
  }

  #check(input: PutItemCommand['input'] | UpdateItemCommand['input'], before: Item | undefined): void {
    const { ConditionExpression, ExpressionAttributeNames = {}, ExpressionAttributeValues = {} } = input;
    if (ConditionExpression === undefined) return;
    const placeholders = { names: ExpressionAttributeNames, values: ExpressionAttributeValues };
    if (conditionOf(ConditionExpression)(before ?? {}, placeholders)) return;
    const returnsItem = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
    throw new ConditionalCheckFailedException({
      message: 'The conditional request failed',
      $metadata: {},
      ...(before && returnsItem && { Item: before }),
    });
  }

  #write(before: Item | undefined, after: Item): void {
    if (sizeOf({ M: after } as AttributeValue) > MOST_BYTES) {
      throw Object.assign(new Error('Item size has exceeded the maximum allowed size'), {
        name: 'ValidationException',
      });
    }
    this.items.set(after.id?.S ?? '', after);
    this.#onChange({ before, after });
  }
}

const UPDATE = /^SET (?<set>[^A-Z]+?)(?: REMOVE (?<remove>[#a-z_, ]+))?$/;

interface Updates {
  readonly assignments: readonly (readonly [name: string, placeholder: string])[];
  readonly removed: readonly string[];
}

function updatesIn(expression: string): Updates {
  const { set, remove } = UPDATE.exec(expression)?.groups ?? {};
  if (!set) throw new Gap(`the update ${expression}`);
  const assignments = set.split(',').map((assignment) => {
    const [, name, placeholder] = ASSIGNMENT.exec(assignment) ?? [];
    if (!name || !placeholder) throw new Gap(`the assignment ${assignment}`);
    return [name, placeholder] as const;
  });
  return { assignments, removed: remove?.split(/,\s*/) ?? [] };
}

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
