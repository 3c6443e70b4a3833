/** Puts events on the bus: in calls that fit, refused entries tried again alone, wrong ones told apart. */
import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import type { Telemetry } from '../runtime/telemetry.ts';

export interface BusDependencies {
  readonly client: EventBridgeClient;
  readonly telemetry: Telemetry;
  readonly pause: (ms: number) => Promise<void>;
}

/** An event, with whatever its caller knows it by. */
export interface Entry {
  readonly event: PutEventsRequestEntry;
}

export interface PutResult<E extends Entry> {
  /** Not on the bus; another try may help. */
  readonly failed: readonly E[];
  /** Not on the bus and never will be: the entry itself is wrong. */
  readonly refused: readonly { readonly entry: E; readonly code: string }[];
  /** What was thrown, when nothing at all came through. */
  readonly fault?: unknown;
}

/** PutEvents takes ten entries and 1 MB a call; one of ours may have 240 kB. */
const MAX_ENTRIES = 10;
const MAX_BYTES = 256 * 1024;
/** Further tries of single entries that the bus refused, before the stream tries again. */
const PAUSES_MS = [50, 200, 800];
const WRONG_ENTRY = new Set(['ValidationException', 'MalformedDetail', 'InvalidArgument']);

/** What happens to one call or one entry is no other's concern. Throws nothing. */
export function putEvents<E extends Entry>(
  bus: BusDependencies,
  entries: readonly E[],
): Promise<PutResult<E>> {
  return putGroups(bus, groupsOf(entries));
}

async function putGroups<E extends Entry>(
  bus: BusDependencies,
  groups: readonly (readonly E[])[],
): Promise<PutResult<E>> {
  const results: PutResult<E>[] = [];
  for (const group of groups) results.push(await putGroup(bus, group));
  const faults = results.flatMap(({ fault }) => (fault === undefined ? [] : [fault]));
  return {
    failed: results.flatMap(({ failed }) => failed),
    refused: results.flatMap(({ refused }) => refused),
    ...(faults.length === groups.length && { fault: faults[0] }),
  };
}

function groupsOf<E extends Entry>(entries: readonly E[]): E[][] {
  const groups: E[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(entry.event.Detail ?? '') + 1024;
    const last = groups.at(-1);
    if (last && last.length < MAX_ENTRIES && bytes + size <= MAX_BYTES) {
      last.push(entry);
      bytes += size;
    } else {
      groups.push([entry]);
      bytes = size;
    }
  }
  return groups;
}

async function putGroup<E extends Entry>(bus: BusDependencies, group: readonly E[]): Promise<PutResult<E>> {
  try {
    return await putRepeatedly(bus, group);
  } catch (error) {
    const code = error instanceof Error ? error.name : 'Error';
    if (!WRONG_ENTRY.has(code)) {
      bus.telemetry.error('the bus took nothing of a call', { error });
      return { failed: group, refused: [], fault: error };
    }
    // One wrong entry makes EventBridge refuse the whole call: put alone, each stands for itself.
    const alone = group.map((entry) => [entry]);
    return group.length > 1
      ? putGroups(bus, alone)
      : { failed: [], refused: group.map((entry) => ({ entry, code })) };
  }
}

/** Every entry that the bus refuses for now is tried again, alone with the others that it refused. */
async function putRepeatedly<E extends Entry>(
  { client, pause, telemetry }: BusDependencies,
  group: readonly E[],
): Promise<PutResult<E>> {
  const refused: { entry: E; code: string }[] = [];
  let waiting = group;
  for (const ms of [0, ...PAUSES_MS]) {
    if (ms) await pause(ms);
    const { Entries = [] } = await client.send(
      new PutEventsCommand({ Entries: waiting.map(({ event }) => event) }),
    );
    const codes = Entries.map(({ ErrorCode }) => ErrorCode);
    const failed = waiting.flatMap((entry, index) => {
      const code = codes[index];
      return code ? [{ entry, code }] : [];
    });
    for (const { code } of failed) telemetry.count('EventRefused', code);
    refused.push(...failed.filter(({ code }) => WRONG_ENTRY.has(code)));
    waiting = failed.filter(({ code }) => !WRONG_ENTRY.has(code)).map(({ entry }) => entry);
    if (waiting.length === 0) break;
  }
  return { failed: waiting, refused };
}
