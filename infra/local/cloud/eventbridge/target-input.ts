/** What a rule's target gets of an event: all of it, a part, a constant, or a template filled in. */

import { compileJsonPath, type JsonPath } from './json-path.ts';

/** A target's input properties in the template, at most one of them. */
export interface InputProperties {
  /** JSON that every event is replaced by. */
  readonly Input?: string | undefined;
  readonly InputPath?: string | undefined;
  readonly InputTransformer?:
    | {
        readonly InputPathsMap?: Readonly<Record<string, string>> | undefined;
        readonly InputTemplate: string;
      }
    | undefined;
}

/** Makes the target's input of an event. @throws InputError when the event lacks what the input is made of */
export type TargetInput = (event: object) => string;

/** The event cannot be made into the target's input: it is not delivered. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** @throws Error that tells what is wrong with the properties, or not known here */
export function compileInput({ Input, InputPath, InputTransformer }: InputProperties): TargetInput {
  const given = [Input, InputPath, InputTransformer].filter((one) => one !== undefined);
  if (given.length > 1) throw new Error('only one of Input, InputPath and InputTransformer may be given');
  if (Input !== undefined) return constant(Input);
  if (InputPath !== undefined) return part(InputPath);
  if (InputTransformer) return transformer(InputTransformer.InputTemplate, InputTransformer.InputPathsMap);
  return (event) => JSON.stringify(event);
}

function constant(input: string): TargetInput {
  if (!isJson(input)) throw new Error('Input must be JSON');
  return () => input;
}

/** What becomes of an event without that part is not documented: here it is not delivered. */
function part(path: string): TargetInput {
  const find = compileJsonPath(path);
  return (event) => {
    const value = find(event);
    if (value === undefined) throw new InputError(`the event has nothing at ${path}`);
    return JSON.stringify(value);
  };
}

/** A piece of a template: text as it is, or the variable whose value stands there, as JSON or inside a JSON string. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value' | 'quoted'; readonly name: string; readonly find: JsonPath };

/**
 * A template must be JSON once its variables have values. A variable that the event does not have leaves its place
 * empty, as EventBridge documents; where that spoils the JSON, the event is not delivered.
 */
function transformer(template: string, paths: Readonly<Record<string, string>> = {}): TargetInput {
  const variables = new Map(Object.entries(paths).map(([name, path]) => [name, compileJsonPath(path)]));
  const pieces = piecesOf(template, variables);
  const sample = pieces.map((piece) =>
    piece.kind === 'text' ? piece.text : piece.kind === 'value' ? '0' : '',
  );
  if (!isJson(sample.join(''))) {
    throw new Error(
      'the local cloud knows only an InputTemplate that is JSON once its variables have values',
    );
  }
  return (event) => {
    const input = pieces.map((piece) => (piece.kind === 'text' ? piece.text : filled(piece, event))).join('');
    if (isJson(input)) return input;
    throw new InputError('the input template gives no JSON for this event');
  };
}

function piecesOf(template: string, variables: ReadonlyMap<string, JsonPath>): Piece[] {
  let isQuoted = false;
  return template.split(/<([\w.-]+)>/).map((text, index): Piece => {
    if (index % 2 === 0) {
      isQuoted = quotationMarks(text) % 2 === 1 ? !isQuoted : isQuoted;
      return { kind: 'text', text };
    }
    const find = variables.get(text);
    if (!find)
      throw new Error(`InputTemplate names the variable ${text}, which the local cloud does not know`);
    return { kind: isQuoted ? 'quoted' : 'value', name: text, find };
  });
}

/** Those that are not escaped. */
function quotationMarks(text: string): number {
  return text.replace(/\\./gs, '').split('"').length - 1;
}

function filled({ kind, name, find }: Exclude<Piece, { kind: 'text' }>, event: object): string {
  const value = find(event);
  if (value === undefined) return '';
  if (kind === 'value') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) {
    throw new InputError(`the local cloud puts no object or array into a string: <${name}>`);
  }
  return JSON.stringify(String(value)).slice(1, -1);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
