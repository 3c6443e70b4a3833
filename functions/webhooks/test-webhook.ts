/** Sends a sample event to a URL, once, so that somebody who builds a receiver sees one without paying for an image. */

import type { Caller } from '../../shared/security/api-keys.ts';
import { freshTaskId } from '../../shared/task/ids.ts';
import { publicTask } from '../../shared/task/public-task.ts';
import { createdId, type TaskRecord } from '../../shared/task/record.ts';
import type { Attempted, OutgoingWebhook } from '../../shared/webhooks/post.ts';

export interface TestDependencies {
  readonly post: (webhook: OutgoingWebhook) => Promise<Attempted>;
  readonly secretsOf: (key: Caller) => Promise<readonly string[]>;
  /** Where the sample's image would be. */
  readonly publicUrl: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface TestedWebhook {
  readonly object: 'webhook.test';
  readonly url: string;
  readonly webhook_id: string;
  readonly delivered: boolean;
  readonly status: number | null;
  readonly error: string | null;
  readonly duration_ms: number;
  readonly answer: string | null;
}

/** @param url one that was checked */
export async function testWebhook(
  { post, secretsOf, publicUrl, now }: TestDependencies,
  caller: Caller,
  url: string,
): Promise<TestedWebhook> {
  const record = sampleRecord(caller, url, now());
  const id = `${record.id}:test`;
  const task = publicTask(record, (taskId, index) => `${publicUrl}/v1/images/${taskId}/${index}/sample`);
  const tested = await post({ url, id, body: JSON.stringify(task), secrets: await secretsOf(caller) });
  return {
    object: 'webhook.test',
    url,
    webhook_id: id,
    delivered: tested.verdict === 'delivered',
    status: tested.status ?? null,
    error: tested.error ?? null,
    duration_ms: tested.durationMs,
    answer: tested.answer ?? null,
  };
}

/** A completed task that there is not: its `metadata` says so. */
function sampleRecord({ owner, keyId }: Caller, url: string, now: number): TaskRecord {
  const id = freshTaskId(now);
  const created = Math.floor(now / 1000);
  return {
    id,
    owner,
    key_id: keyId,
    created,
    created_id: createdId(now, id),
    expires_at: created,
    model: 'wan2.5-text-to-image',
    provider: 'sample',
    submission: 'accepted',
    status: 'completed',
    progress: 100,
    prompt: 'a sample event, sent by POST /v1/webhooks/test',
    request_hash: '',
    metadata: { test: 'true' },
    callback_url: url,
    estimated_time: 30,
    completed: created,
    images: [
      {
        index: 0,
        width: 1280,
        height: 1280,
        bytes: 2_481_223,
        content_type: 'image/png',
        sha256: '0'.repeat(64),
        bucket: 'sample',
        key: `images/${owner}/sample/${id}/0.png`,
      },
    ],
    output: [{ type: 'image', index: 0 }],
  };
}
