/** How a grant of the template is called in docs/permissions.md: without account, random suffixes and the CDK's hashes. */
import type { Grant } from '../../infra/local/cloud/index.ts';

/** `<holder>: <action> on <resource>` */
export function labelOf({ holder, action, resource }: Grant): string {
  return `${withoutHashes(holder)}: ${action} on ${resourceOf(resource)}`;
}

/** What is left of an ARN: the resource's own part, and of that what is the same in every deployment. */
function resourceOf(arn: string): string {
  const resource = arn.split(':').slice(5).join(':');
  if (resource === '') return arn;
  return withoutHashes(
    resource
      .replace(/(?<=^|[:/])wanhook-/i, '')
      // The suffix of a table, of a secret, and the label of a stream.
      .replace(/(?<=^table\/[^/]+)-[A-Z0-9]{12}(?=\/|$)/, '')
      .replace(/(?<=^secret:.*)-[0-9a-f]{6}$/, '')
      .replace(/(?<=\/stream\/).*$/, '*'),
  );
}

/** The CDK ends logical ids in eight hexadecimal digits. */
function withoutHashes(text: string): string {
  return text.replace(/(?<=[a-z0-9])(?:[0-9A-F]{8}|[0-9a-f]{8})(?=$|[/:.-])/g, '');
}
