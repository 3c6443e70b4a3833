/** Remembers an answer for a while; calls that come meanwhile share one look-up, and a failed one is forgotten. */
export function remembered<T>(ms: number, now: () => number, look: () => Promise<T>): () => Promise<T> {
  let kept: { until: number; value: Promise<T> } | undefined;
  return () => {
    if (kept && now() < kept.until) return kept.value;
    const value = look();
    const mine = { until: now() + ms, value };
    kept = mine;
    value.catch(() => {
      if (kept === mine) kept = undefined;
    });
    return value;
  };
}
