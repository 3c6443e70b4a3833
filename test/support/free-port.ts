/** A port for a program that a test starts, which has to be told one. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give out by themselves, so that no other test takes it before the program is up. */
const [FIRST, BEYOND_LAST] = [20_000, 32_000];

export async function freePort(): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(randomInt(FIRST, BEYOND_LAST), '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as { port: number };
    probe.close();
    await once(probe, 'close');
    return port;
  } catch {
    return freePort();
  }
}
