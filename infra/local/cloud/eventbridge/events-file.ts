/** Appends every event to a file, one line of JSON each, as a record for people and other programs. */

import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Buses } from './buses.ts';

/** Starts recording; answers the function that ends it. The line is in the file before PutEvents is answered. */
export function recordEvents(buses: Buses, file: string): () => void {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'a');
  const stop = buses.onEvent((event) => writeSync(descriptor, `${JSON.stringify(event)}\n`));
  return () => {
    stop();
    closeSync(descriptor);
  };
}
