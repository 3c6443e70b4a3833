/** Judges the queues, who reads them, and the stream. */
import type { Commands } from './commands.ts';
import { DEAD_LETTERS, type MeasuresFact, type Part, type QueueFact, type SourceFact } from './facts.ts';
import { type Finding, findingsOf } from './finding.ts';

/** A timer waits for a quarter of an hour, and a message that fails is tried again within ten minutes: an hour is no wait. */
const OLD_SECONDS = 3600;
/** As the alarm has it (infra/constructs/alarms.ts). */
const LATE_MS = 600_000;

export function diagnoseSources(sources: readonly SourceFact[], commands: Commands): Finding[] {
  const { fine, note, trouble } = findingsOf('event sources');
  return sources.flatMap(({ name, readers }) => {
    if (readers.length === 0) return [trouble(name, 'no function reads it', commands.deploy)];
    return readers.map(({ uuid, functionName, state }) => {
      if (state === 'Enabled') return fine(name, `enabled, to ${functionName}`);
      return state.startsWith('Disabl')
        ? trouble(name, `disabled: ${functionName} is not invoked`, commands.enableEventSource(uuid))
        : note(name, `${state}, to ${functionName}`);
    });
  });
}

export function diagnoseQueues(
  queues: readonly QueueFact[],
  measures: MeasuresFact | undefined,
  sources: Part<readonly SourceFact[]>,
  commands: Commands,
): Finding[] {
  const isDead = ({ name }: QueueFact) => (DEAD_LETTERS as readonly string[]).includes(name);
  return [
    ...queues.filter((queue) => !isDead(queue)).map((queue) => ofWork(queue, measures, sources, commands)),
    ...queues.filter(isDead).map((queue) => ofDeadLetters(queue, commands)),
  ];
}

function ofWork(
  { name, messages }: QueueFact,
  measures: MeasuresFact | undefined,
  sources: Part<readonly SourceFact[]>,
  commands: Commands,
): Finding {
  const { fine, trouble } = findingsOf('queues');
  const age = measures?.oldestMessage[name];
  const counted = counts(messages, 'message');
  if (age === undefined) return fine(name, `${counted}; no age was measured lately`);
  if (age <= OLD_SECONDS)
    return fine(name, messages > 0 ? `${counted}, the oldest ${duration(age)}` : counted);
  const says = `${counted}, the oldest ${duration(age)}: it is tried again and again (docs/runbook.md#oldest-callback)`;
  return trouble(name, says, readLogOf(name, sources, commands));
}

function ofDeadLetters({ name, messages }: QueueFact, commands: Commands): Finding {
  const { fine, trouble } = findingsOf('dead letters');
  if (messages === 0) return fine(name, 'none');
  const says = `${messages}: nothing handles them until they are put back (docs/runbook.md#dead-letters)`;
  return trouble(name, says, commands.redrive);
}

export function diagnoseStream({ iteratorAge }: MeasuresFact, commands: Commands): Finding[] {
  const { fine, trouble } = findingsOf('stream');
  const item = 'iterator age';
  if (iteratorAge === undefined) return [fine(item, 'nothing was read in the last quarter of an hour')];
  const { ms, functionName } = iteratorAge;
  const age = `${duration(ms / 1000)} at ${functionName}`;
  if (ms < LATE_MS) return [fine(item, age)];
  const says = `${age}: what it does with records is late (docs/runbook.md#stream-age)`;
  return [trouble(item, says, commands.readLog(functionName))];
}

function readLogOf(source: string, sources: Part<readonly SourceFact[]>, commands: Commands): string {
  const known = sources.known ? sources.value : [];
  const reader = known.find(({ name }) => name === source)?.readers[0];
  return reader ? commands.readLog(reader.functionName) : commands.deploy;
}

const counts = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

/** In words, rounded down. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}
