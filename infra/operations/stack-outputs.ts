/** Reads what a deployment said of itself: the file that `cdk deploy --outputs-file` writes, outputs by stack. */
import * as z from 'zod';

const OutputsFile = z.record(z.string(), z.unknown());

/**
 * @param json the content of the file
 * @param wanted the outputs that are needed of the stack
 * @throws Error when it is no JSON, or not exactly one stack in it has the outputs
 */
export const stackOutputs = <T>(json: string, wanted: z.ZodType<T>): T =>
  namedStackOutputs(json, wanted).outputs;

/** The same, with the stack's name. */
export function namedStackOutputs<T>(
  json: string,
  wanted: z.ZodType<T>,
): { readonly name: string; readonly outputs: T } {
  const stacks = Object.entries(parsed(json)).map(([name, outputs]) => ({
    name,
    read: wanted.safeParse(outputs),
  }));
  const ours = stacks.flatMap(({ name, read }) => (read.success ? [{ name, outputs: read.data }] : []));
  if (ours.length > 1) throw new Error('More than one stack of the file is a Wanhook; keep one');
  if (ours[0] !== undefined) return ours[0];
  const missing = stacks.map(({ name, read }) => `${name}: ${z.prettifyError(read.error!)}`);
  throw new Error(`No stack of the file has the outputs of a Wanhook\n${missing.join('\n')}`);
}

function parsed(json: string): Record<string, unknown> {
  try {
    return OutputsFile.parse(JSON.parse(json));
  } catch (cause) {
    throw new Error('The outputs must be the JSON object that `cdk deploy --outputs-file` writes', { cause });
  }
}
