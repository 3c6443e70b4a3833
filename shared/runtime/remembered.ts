/** Remembers an answer for a while; calls that come meanwhile share one look-up, and a failed one is forgotten. */
export interface Remembered<T> {
  (): Promise<T>;
  /** Looks again, whatever is remembered; what it finds is remembered. */
  again(): Promise<T>;
}

export function remembered<T>(ms: number, now: () => number, look: () => Promise<T>): Remembered<T> {
  let kept: { until: number; value: Promise<T> } | undefined;
  const again = () => {
    const value = look();
    const mine = { until: now() + ms, value };
    kept = mine;
    value.catch(() => {
      if (kept === mine) kept = undefined;
    });
    return value;
  };
  return Object.assign(() => (kept && now() < kept.until ? kept.value : again()), { again });
}
