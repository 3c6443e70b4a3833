// The API name of an S3 request, which S3 itself tells from method, path, query and headers.

import type { IncomingHttpHeaders } from 'node:http';

const OBJECT: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};
const BUCKET: Readonly<Record<string, string>> = {
  GET: 'ListObjects',
  HEAD: 'HeadBucket',
  PUT: 'CreateBucket',
  DELETE: 'DeleteBucket',
};

/** Such as `PutObject`; a kind that has no name here is called by its method and subresource. */
export function operationOf(
  method: string,
  path: string,
  query: string,
  headers: IncomingHttpHeaders,
): string {
  const parameters = new URLSearchParams(query);
  const key = path.split('/').slice(2).join('/');
  if (path === '/') return 'ListBuckets';
  if (parameters.has('uploads') && method === 'POST') return 'CreateMultipartUpload';
  if (parameters.has('uploadId')) return method === 'PUT' ? 'UploadPart' : 'CompleteMultipartUpload';
  if (parameters.has('delete') && method === 'POST') return 'DeleteObjects';
  if (parameters.get('list-type') === '2') return 'ListObjectsV2';
  for (const subresource of ['tagging', 'acl', 'policy', 'lifecycle', 'versioning', 'location']) {
    if (parameters.has(subresource)) return `${method}:${subresource}`;
  }
  if (headers['x-amz-copy-source']) return 'CopyObject';
  return (key ? OBJECT[method] : BUCKET[method]) ?? method;
}
