/** `output[].content[]`: one entry per candidate, or texts and images alternating in one. */
import { junkOf, type Task } from '../task.ts';

type Content = { type: 'image'; url: string; jobId: string } | { type: 'text'; text: string };
type Entry = { content: unknown[] };
type Grouping = 'split' | 'grouped' | 'flat';

/** The output of a completed task; interleaved output opens with a text, and one stands before each image. */
export function outputOf(task: Task, grouping: Grouping): unknown[] {
  const images = task.results.map(
    (url, index): Content => ({ type: 'image', url, jobId: jobId(task, index) }),
  );
  const junk = junkOf(task);
  const entries = [...entriesOf(task, images, grouping), ...(junk.length === 0 ? [] : [{ content: junk }])];
  return grouping === 'flat' ? entries.flatMap(({ content }) => content) : entries;
}

function entriesOf(task: Task, images: Content[], grouping: Grouping): Entry[] {
  if (task.order.interleaved) {
    return [{ content: images.flatMap((image, index): Content[] => [paragraph(task, index), image]) }];
  }
  return grouping !== 'grouped' ? images.map((image) => ({ content: [image] })) : [{ content: images }];
}

function paragraph(task: Task, index: number): Content {
  return { type: 'text', text: `${index + 1}/${task.results.length}: ${task.order.prompt}` };
}

function jobId(task: Task, index: number): string {
  return `${task.id}-${index}`;
}
