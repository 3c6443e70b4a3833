/** Writes the generated documents: npm run contracts */
import { writeFileSync } from 'node:fs';
import { documentTexts } from './documents.ts';

for (const [path, text] of Object.entries(documentTexts())) {
  writeFileSync(new URL(`../../${path}`, import.meta.url), text);
  console.log(`${path}: ${text.length} characters`);
}
