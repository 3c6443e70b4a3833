/** One line of the diagnosis. */
export interface Finding {
  /** What it belongs to. */
  readonly part: string;
  readonly item: string;
  /** `note`: it is worth knowing, and no fault. */
  readonly level: 'fine' | 'note' | 'trouble';
  readonly says: string;
  /** The command that mends it, or that shows how. */
  readonly mend?: string;
}

/** Makes the findings of one part. */
export function findingsOf(part: string) {
  return {
    fine: (item: string, says: string): Finding => ({ part, item, level: 'fine', says }),
    note: (item: string, says: string): Finding => ({ part, item, level: 'note', says }),
    trouble: (item: string, says: string, mend: string): Finding => ({
      part,
      item,
      level: 'trouble',
      says,
      mend,
    }),
  };
}
