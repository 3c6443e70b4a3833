/** Appends every event to a file, one line of JSON each, as a record for people and other programs. */

import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Buses } from './buses.ts';

/**
 * Starts recording; answers the function that ends it. The line is in the file before PutEvents is answered.
 * @param onError told of a line that could not be written
 */
export function recordEvents(buses: Buses, file: string, onError: (error: unknown) => void): () => void {
  mkdirSync(dirname(file), { recursive: true });
  // What events tell of may be as private as the state.
  const descriptor = openSync(file, 'a', 0o600);
  const stop = buses.onEvent((event) => {
    try {
      writeSync(descriptor, `${JSON.stringify(event)}\n`);
    } catch (error) {
      onError(error);
    }
  });
  return () => {
    stop();
    closeSync(descriptor);
  };
}
