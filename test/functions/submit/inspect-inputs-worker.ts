/** Inspects input images in a thread of its own, so that a test can end it. */
import { parentPort, workerData } from 'node:worker_threads';
import { inspectInputs } from '../../../functions/submit/input-images.ts';

parentPort?.postMessage(await inspectInputs(workerData, { fetch: false, allowedRanges: [] }));
