/** Reads items of the tasks table as records: those of this schema version and of every one before it. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { SCHEMA_VERSION, type TaskRecord } from './record.ts';

/** A record that a later deployment has written: what its attributes mean is not known here. */
export class UnknownSchemaVersionError extends Error {
  override readonly name = 'UnknownSchemaVersionError';

  constructor({ id, schema_version }: Pick<TaskRecord, 'id' | 'schema_version'>) {
    super(
      `The record ${id} has schema_version ${JSON.stringify(schema_version)}, and this deployment reads those up to ` +
        `${SCHEMA_VERSION}: deploy the version that wrote it, or a later one`,
    );
  }
}

/** @throws UnknownSchemaVersionError */
export function readRecord(item: Record<string, AttributeValue>): TaskRecord {
  const record = unmarshall(item) as TaskRecord;
  requireKnownVersion(record);
  return record;
}

/**
 * For what was read of a record in another way.
 * @throws UnknownSchemaVersionError
 */
export function requireKnownVersion(record: Pick<TaskRecord, 'id' | 'schema_version'>): void {
  if (!isKnown(record.schema_version)) throw new UnknownSchemaVersionError(record);
}

/** None is version 0: what was written before records had a version is otherwise as version 1. */
const isKnown = (version: unknown = 0): boolean =>
  typeof version === 'number' && Number.isInteger(version) && version >= 0 && version <= SCHEMA_VERSION;
