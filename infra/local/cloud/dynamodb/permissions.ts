/** What the operations of DynamoDB need to be allowed (Service authorization reference, "Amazon DynamoDB"). */
import { AwsError } from '../aws/aws-error.ts';
import type { Need } from '../iam/evaluate.ts';

interface Input {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly StreamArn?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: ReadonlyArray<Readonly<Record<string, { readonly TableName?: string }>>>;
}

const ON_TABLE = new Set([
  'DeleteItem',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'PutItem',
  'UpdateItem',
]);
/** An index is a resource of its own: a right to the table is none to its index. */
const ON_TABLE_OR_INDEX = new Set(['Query', 'Scan']);
const BATCH = new Set(['BatchGetItem', 'BatchWriteItem']);
const TRANSACTION = new Set(['TransactGetItems', 'TransactWriteItems']);
/** A transaction needs the actions of its parts (DynamoDB developer guide, "Using IAM with DynamoDB transactions"). */
const OF_PART: Readonly<Record<string, string>> = {
  ConditionCheck: 'ConditionCheckItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
};

/**
 * @param tables how the ARN of a table begins, up to its name
 * @throws AwsError for an operation of which it is not known here what it needs
 */
export function needsOf(operation: string, body: Buffer, tables: string): Need[] {
  const input = parsed(body);
  if (ON_TABLE.has(operation)) return onTables(operation, [input.TableName], tables);
  if (ON_TABLE_OR_INDEX.has(operation))
    return onTables(operation, [input.TableName], tables, input.IndexName);
  if (BATCH.has(operation)) return onTables(operation, Object.keys(input.RequestItems ?? {}), tables);
  if (TRANSACTION.has(operation)) {
    return (input.TransactItems ?? []).flatMap((item) =>
      Object.entries(item).flatMap(([part, { TableName }]) =>
        onTables(OF_PART[part] ?? part, [TableName], tables),
      ),
    );
  }
  throw new AwsError(
    'UnknownOperationException',
    `the local cloud does not know which permissions ${operation} needs, so no function may use it`,
  );
}

/** A request without a name is DynamoDB's to refuse. */
function onTables(
  action: string,
  names: ReadonlyArray<string | undefined>,
  tables: string,
  index?: string | undefined,
): Need[] {
  return names
    .filter((name) => name !== undefined)
    .map((name) => {
      const table = name.startsWith('arn:') ? name : `${tables}${name}`;
      return {
        action: `dynamodb:${action}`,
        resource: index === undefined ? table : `${table}/index/${index}`,
      };
    });
}

function parsed(body: Buffer): Input {
  try {
    return JSON.parse(body.toString('utf8')) as Input;
  } catch (cause) {
    throw new AwsError('SerializationException', 'the request is not JSON', { cause });
  }
}
