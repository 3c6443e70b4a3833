/**
 * Runs programs until one breaks a promise, in a copy of the tree that has a bug planted.
 *
 *   node search.ts <seed> <programs>      prints {"found":<programs>,"violation":"…"} or {"found":null}
 */
import { runProgram } from '../run.ts';

const [seed = '', programs = '0'] = process.argv.slice(2);

async function search(): Promise<{ found: number | null; violation?: string }> {
  for (let nth = 1; nth <= Number(programs); nth++) {
    const violation = await violationOf(`${seed}/${nth}`);
    if (violation !== undefined) return { found: nth, violation };
  }
  return { found: null };
}

async function violationOf(program: string): Promise<string | undefined> {
  try {
    return (await runProgram(program)).violations[0];
  } catch (error) {
    return `the run ended: ${(error as Error).message}`;
  }
}

console.log(JSON.stringify(await search()));
