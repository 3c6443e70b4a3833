/** All that whoever imports the package can see of its types, as one text. */
import { join } from 'node:path';
import { declarations } from '../../infra/package/declarations.ts';

/** Renewed by `npm run update-client-types`. */
export const GOLDEN = join(import.meta.dirname, 'public-types.txt');

export async function publicTypes(): Promise<string> {
  const files = await declarations({ removeComments: true });
  return [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, text]) => `// ${path}\n${text}`)
    .join('\n');
}
