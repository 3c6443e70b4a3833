/** Which picture is open large. */
import { computed, signal } from '@preact/signals';
import { tasks } from './tasks.ts';

export const viewed = signal<{ readonly taskId: string; readonly index: number } | undefined>(undefined);
export const viewedTask = computed(() => tasks.value.find(({ id }) => id === viewed.value?.taskId));

/** One further or back, within its task. */
export function turn(by: 1 | -1): void {
  const { images } = viewedTask.peek() ?? { images: [] };
  const now = viewed.peek();
  const index = (now?.index ?? 0) + by;
  if (now && images[index]) viewed.value = { ...now, index };
}
