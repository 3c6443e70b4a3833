/** The time, which goes on only while something is waited for. */
import { computed, effect, signal } from '@preact/signals';
import { sendings } from './sending.ts';
import { counts } from './tasks.ts';

/** Milliseconds since 1970. */
export const now = signal(Date.now());

const isWaiting = computed(() => counts.value.running > 0 || sendings.value.length > 0);

effect(() => {
  if (!isWaiting.value) return;
  now.value = Date.now();
  const timer = setInterval(() => {
    now.value = Date.now();
  }, 1000);
  return () => clearInterval(timer);
});
