/** `npm run update-client-types`: what differs afterwards is what changes for those who import the package. */
import { writeFile } from 'node:fs/promises';
import { GOLDEN, publicTypes } from './public-types.ts';

await writeFile(GOLDEN, await publicTypes());
