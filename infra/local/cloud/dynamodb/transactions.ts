/** What DynamoDB refuses of a transaction and the server behind does not (API reference, "TransactWriteItem"). */
import { AwsError } from '../aws/aws-error.ts';

const OPERATIONS = new Set(['ConditionCheck', 'Delete', 'Put', 'Update']);

/** @throws AwsError unless every item of a TransactWriteItems holds exactly one operation */
export function refuseAmbiguousItems(operation: string, body: Buffer): void {
  if (operation !== 'TransactWriteItems') return;
  const { TransactItems } = JSON.parse(body.toString('utf8')) as { TransactItems?: unknown };
  if (!Array.isArray(TransactItems)) return;
  const isAmbiguous = TransactItems.some(
    (item) => Object.keys(item ?? {}).filter((name) => OPERATIONS.has(name)).length !== 1,
  );
  if (isAmbiguous) {
    throw new AwsError(
      'ValidationException',
      'TransactItems can only contain one of Check, Put, Update or Delete',
    );
  }
}
