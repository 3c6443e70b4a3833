/**
 * What of an outcome fits into its record: DynamoDB takes 400 kB of one item, and an outcome is always recorded.
 * The shares and their reasons are in docs/decisions/size-budgets.md.
 *
 *   request (bounded by its own limits)  64 kB │ usage at the create  32 kB │ outcome  288 kB │ spare  16 kB
 */
import type { Json } from '../runtime/json.ts';
import type { Outcome, OutputItem } from './record.ts';

const RESERVED_BYTES = 32 * 1024;
const OUTCOME_BYTES = 288 * 1024;

/** The usage that a create reported, or in its place how large it was. */
export const fittingReserved = (usage: Json): Json =>
  bytesOf(usage) > RESERVED_BYTES ? omitted(usage) : usage;

/** The outcome without its usage, if it is too large with it; if it still is, with its texts cut and marked. */
export function fittingOutcome(outcome: Outcome): Outcome {
  if (bytesOf(outcome) <= OUTCOME_BYTES) return outcome;
  const lighter = outcome.usage === undefined ? outcome : { ...outcome, usage: omitted(outcome.usage) };
  const excess = bytesOf(lighter) - OUTCOME_BYTES;
  return excess > 0 ? { ...lighter, output: cutTexts(lighter.output, excess) } : lighter;
}

const omitted = (usage: Json): Json => ({ omitted_bytes: bytesOf(usage) });

/** Texts keep their places; what comes after the room has run out is empty. */
function cutTexts(output: readonly OutputItem[], excess: number): OutputItem[] {
  const marks = output.length * MARK_BYTES;
  let room = output.reduce((sum, item) => sum + textBytes(item), 0) - excess - marks;
  return output.map((item) => {
    if (item.type === 'image') return item;
    const bytes = textBytes(item);
    if (bytes <= room) {
      room -= bytes;
      return item;
    }
    const text = cut(item.text, Math.max(0, room));
    room = 0;
    return { ...item, text, truncated: true as const };
  });
}

/** `truncated`, its value, and what a map takes for an entry. */
const MARK_BYTES = 16;

const textBytes = (item: OutputItem): number => (item.type === 'text' ? Buffer.byteLength(item.text) : 0);

/** The longest beginning of whole characters with at most so many bytes. */
function cut(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  let end = most;
  // A continuation byte is 10xxxxxx: the character began before it.
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** The most that a value takes in an item (DynamoDB developer guide, "Item sizes and formats"). */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return 21;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + 1 + bytesOf(item), 3);
  if (value === null || typeof value !== 'object') return 1;
  const entries = Object.entries(value);
  return entries.reduce((sum, [name, item]) => sum + 1 + Buffer.byteLength(name) + bytesOf(item), 3);
}
