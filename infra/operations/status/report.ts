/** The diagnosis as a screen: what was found part by part, then the verdict, and what mends each trouble. */
import { isHealthy } from './diagnose.ts';
import type { Finding } from './finding.ts';

const MARKS = { fine: '✓', note: '–', trouble: '✗' } as const;
const PART_WIDTH = 15;

/** @param title of the deployment */
export function screen(title: string, findings: readonly Finding[]): string {
  const itemWidth = Math.max(...findings.map(({ item }) => Math.min(item.length, 32)));
  const lines = findings.map(({ part, item, level, says }, index) => {
    const heading = findings[index - 1]?.part === part ? '' : part;
    return `${heading.padEnd(PART_WIDTH)}${MARKS[level]} ${item.padEnd(itemWidth)}  ${says}`.trimEnd();
  });
  return [title, '', ...lines, '', ...verdict(findings)].join('\n');
}

function verdict(findings: readonly Finding[]): string[] {
  if (isHealthy(findings)) {
    const notes = findings.filter(({ level }) => level === 'note').length;
    return [
      `✓ Healthy${notes === 0 ? '' : `, with ${notes === 1 ? 'one thing' : `${notes} things`} to know (–)`}`,
    ];
  }
  const troubles = findings.filter(({ level }) => level === 'trouble');
  return [
    troubles.length === 1 ? '✗ One trouble' : `✗ ${troubles.length} troubles`,
    ...mends(troubles).map(([command, items]) => `\n${items.join(', ')}:\n  ${command}`),
  ];
}

/** One command may mend several. */
function mends(troubles: readonly Finding[]): [string, string[]][] {
  const byCommand = new Map<string, string[]>();
  for (const { item, part, mend } of troubles) {
    const command = mend ?? 'the rights of whoever asks have to allow it (docs/deploy.md)';
    byCommand.set(command, [...(byCommand.get(command) ?? []), `${part}: ${item}`]);
  }
  return [...byCommand];
}
