/**
 * A process of its own that posts forged callbacks, at a steady rate: half of them for tasks that there never were, half with
 * a wrong signature for one that there is. Arguments: the API's address, how many, how many a second, the task's id.
 * Sends its parent how many had each status.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { freshTaskId } from '../../shared/task/ids.ts';

const [api = '', count = '0', perSecond = '1', taskId = ''] = process.argv.slice(2);
const TICK_MS = 20;
const body = JSON.stringify({
  id: 'task-unified-1-forged',
  status: 'completed',
  results: ['https://example.com/a.png'],
});
const statuses: Record<string, number> = {};
const under: Promise<void>[] = [];

/** In turn, so that none is idle for so long that the server closes it. */
const agent = new Agent({ keepAlive: true, maxSockets: 50, scheduling: 'fifo' });

async function forge(nth: number): Promise<void> {
  const id = nth % 2 ? taskId : freshTaskId(Date.now());
  const url = `${api}/v1/callbacks/${id}/${randomBytes(32).toString('base64url')}`;
  const sending = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } });
  sending.end(body);
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  answer.resume();
  const status = answer.statusCode ?? 0;
  statuses[status] = (statuses[status] ?? 0) + 1;
}

const began = performance.now();
for (let sent = 0; sent < Number(count); ) {
  const due = Math.min(Number(count), Math.ceil(((performance.now() - began) / 1000) * Number(perSecond)));
  while (sent < due) under.push(forge(sent++));
  await sleep(TICK_MS);
}
await Promise.all(under);
agent.destroy();
process.send?.({ statuses, seconds: (performance.now() - began) / 1000 });
process.disconnect?.();
