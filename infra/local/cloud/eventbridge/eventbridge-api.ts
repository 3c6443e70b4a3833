/** The EventBridge API: PutEvents, and the operations on rules. */

import * as z from 'zod';
import { operation } from '../aws/api.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { JsonService } from '../aws/json-service.ts';
import type { Need } from '../iam/evaluate.ts';
import { isJsonObject } from '../json.ts';
import type { Buses } from './buses.ts';
import { type RulesDependencies, ruleOperations } from './rules-api.ts';

const entry = z.strictObject({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().default('default'),
  Resources: z.array(z.string()).default([]),
  /** Seconds since 1970. */
  Time: z.number().optional(),
  TraceHeader: z.string().optional(),
});
const putEvents = z.strictObject({ Entries: z.array(entry).min(1).max(10) });

type Entry = z.output<typeof entry>;

/** EventBridge's limit of a whole PutEvents request. */
const MAX_REQUEST_BYTES = 262_144;
const TIME_BYTES = 14;

/** The EventBridge service over the local buses. */
export function eventBridgeService(dependencies: RulesDependencies): JsonService {
  const { buses, arnOf } = dependencies;
  const mayPut = (one: Entry): Need => ({
    action: 'events:PutEvents',
    resource: arnOf(`event-bus/${busOf(one)}`),
    context: { 'events:source': one.Source ?? '', 'events:detail-type': one.DetailType ?? '' },
  });
  return {
    name: 'EventBridge',
    target: 'AWSEvents',
    contentType: 'application/x-amz-json-1.1',
    invalidCode: 'ValidationException',
    operations: {
      ...ruleOperations(dependencies),
      PutEvents: operation(
        putEvents,
        ({ Entries }) => Entries.map(mayPut),
        ({ Entries }) => {
          const bytes = Entries.reduce((sum, one) => sum + entryBytes(one), 0);
          if (bytes > MAX_REQUEST_BYTES) {
            throw new AwsError(
              'ValidationException',
              'Total size of the entries in the request is over the limit.',
            );
          }
          const results = Entries.map((one) => put(buses, one));
          return {
            Entries: results,
            FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length,
          };
        },
      ),
    },
  };
}

/** An entry's size, as EventBridge documents the count. */
function entryBytes(one: Entry): number {
  const strings = [one.Source, one.DetailType, one.Detail, ...one.Resources];
  const bytes = strings.reduce((sum, value) => sum + Buffer.byteLength(value ?? ''), 0);
  return bytes + (one.Time === undefined ? 0 : TIME_BYTES);
}

function put(buses: Buses, one: Entry): { EventId: string } | { ErrorCode: string; ErrorMessage: string } {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (!one[name])
      return refused(
        'InvalidArgument',
        `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      );
  }
  if (!isObject(one.Detail)) return refused('MalformedDetail', 'Detail is malformed.');
  const bus = busOf(one);
  if (!buses.has(bus)) return refused('InvalidArgument', `Event bus ${bus} does not exist.`);
  const EventId = buses.put(bus, {
    source: one.Source as string,
    detailType: one.DetailType as string,
    detail: one.Detail as string,
    resources: one.Resources,
    time: one.Time === undefined ? new Date() : new Date(one.Time * 1000),
  });
  return { EventId };
}

/** A bus is named, or given by its ARN. */
function busOf({ EventBusName }: Entry): string {
  return EventBusName.slice(EventBusName.lastIndexOf('/') + 1);
}

function refused(ErrorCode: string, ErrorMessage: string) {
  return { ErrorCode, ErrorMessage };
}

function isObject(json: string | undefined): boolean {
  try {
    return isJsonObject(JSON.parse(json ?? ''));
  } catch {
    return false;
  }
}
