/** How much memory each function took at the most, and `callback` with four images of 20 MB. */
import type { Harness } from '../support/harness.ts';

export interface MemoryFigure {
  readonly name: string;
  readonly peakMebibytes: number;
  readonly settingMebibytes: number;
}

const BIG = 20 * 1024 * 1024;

/** Sends one task with four large images through, then reads what the local cloud saw of every function. */
export async function measureMemory({
  deployment: { cloud, apiKey },
  providers,
  outcomeOf,
}: Harness): Promise<MemoryFigure[]> {
  await providers.evolink.addFault({ kind: 'picture-bytes', bytes: BIG }, { prompt: 'four large images' });
  const response = await fetch(`${cloud.apiUrl}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'wan2.5-text-to-image', prompt: 'four large images', n: 4 }),
  });
  const { id } = (await response.json()) as { id: string };
  const { detail } = await outcomeOf(id);
  const sizes = detail.task.images.map(({ bytes }) => bytes);
  if (sizes.length !== 4 || sizes.some((bytes) => bytes < BIG)) {
    throw new Error(`Four images of ${BIG} bytes should have been kept, not ${sizes.join(', ')}`);
  }
  return cloud.functions().map(({ name, peakBytes, memoryMb }) => ({
    ...{ name, settingMebibytes: memoryMb, peakMebibytes: Math.ceil(peakBytes / 2 ** 20) },
  }));
}
