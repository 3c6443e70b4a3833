/** Reads the command line of `npm run status`. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type AwsClientOptions, awsAt } from '../aws-at.ts';
import { namedStackOutputs } from '../stack-outputs.ts';
import { StatusOutputs } from './facts.ts';

export interface Call {
  /** The outputs file, as it was given. */
  readonly file: string;
  readonly endpoint: string | undefined;
  readonly json: boolean;
  readonly aws: AwsClientOptions;
  /** The stack's. */
  readonly name: string;
  readonly outputs: StatusOutputs;
}

/** @throws Error that says what is wrong, and what is allowed */
export async function readCall(args: string[]): Promise<Call> {
  const options = { endpoint: { type: 'string' }, json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [file, ...more] = positionals;
  if (!file || more.length > 0) throw new Error('There must be one outputs file');
  return {
    file,
    endpoint: values.endpoint,
    json: values.json,
    aws: awsAt(values.endpoint),
    ...namedStackOutputs(await readFile(file, 'utf8'), StatusOutputs),
  };
}
