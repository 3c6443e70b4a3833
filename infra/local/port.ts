/** The port that a person chose: checked before anything is started, and refused with a message. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** @throws Error when the text is no port */
export function readPort(text: string | undefined, otherwise: number): number {
  if (!text) return otherwise;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 1 && port <= 65_535) return port;
  throw new Error(`PORT must be an integer from 1 to 65535, not ${text}`);
}

/** @throws Error when something listens there already */
export async function expectFree(port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
  } catch (cause) {
    throw new Error(`Port ${port} cannot be had: stop what listens there, or set PORT to another`, { cause });
  } finally {
    probe.close();
  }
}
