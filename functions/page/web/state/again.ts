/** "Again with these": fills the form as a task was asked. */
import { modelsFor, modes } from '../compose/modes.ts';
import { askedFrom, formOf, submissionOf } from '../compose/remember.ts';
import { notify } from './announce.ts';
import { focusField } from './focus.ts';
import { fillIn, limits } from './form.ts';
import { sentReferences } from './sending.ts';
import { words } from './words.ts';

export function again(task: {
  prompt: string;
  model: string;
  metadata: Readonly<Record<string, string>>;
}): void {
  const able = modes.filter((mode) => modelsFor(mode, limits).some((name) => name === task.model));
  const references = sentReferences.get(submissionOf(task) ?? '') ?? [];
  fillIn({ ...formOf(task, able), references });
  const missing = (askedFrom(task.metadata)?.images ?? 0) - references.length;
  if (missing > 0) notify(words.peek().againImages(missing));
  focusField('prompt');
}
