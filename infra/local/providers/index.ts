/**
 * Stand-ins for EvoLink and Vtrix, each on a port of its own, never kinder than the documents say.
 *
 *   const simulator = await startSimulator({ delayMs: 20, allowLoopbackCallbacks: true });
 *   const evolink = new SimulatorClient(simulator.evolink, 'my-key');
 */
import { evolink } from './evolink/dialect.ts';
import { type SimulatorOptions, settingsFrom } from './options.ts';
import { startProvider } from './provider.ts';
import { vtrix } from './vtrix/dialect.ts';

/** Base URLs without a slash at the end. */
export type Simulator = { evolink: string; vtrix: string; close(): Promise<void> };

/** Starts both. Any non-empty Bearer key that does not begin with `invalid` is an account of its own. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = settingsFrom(options);
  const first = await startProvider(evolink, settings, settings.evolinkPort);
  try {
    const second = await startProvider(vtrix, settings, settings.vtrixPort);
    return {
      evolink: first.url,
      vtrix: second.url,
      async close() {
        await Promise.all([first.close(), second.close()]);
      },
    };
  } catch (error) {
    await first.close();
    throw error;
  }
}
