/** Inspects input images in a thread of its own, so that a test can end it. */
import { parentPort, workerData } from 'node:worker_threads';
import { lookAtInputs } from '../../../functions/submit/input-images.ts';

parentPort?.postMessage(await lookAtInputs(workerData, { fetch: false, allowedRanges: [] }));
