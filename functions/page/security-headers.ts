/** What the browser may do with the page: run our script, ask our API, show images of ours and of the bucket. Nothing else. */

/** @param imageOrigin where an image link redirects to: scheme, host and port */
export function securityHeaders(imageOrigin: string): Record<string, string> {
  const policy = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    // Reference images are shown from memory before they are sent.
    'img-src': `'self' blob: data: ${imageOrigin}`,
    'connect-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  };
  return {
    'content-security-policy': Object.entries(policy)
      .map((directive) => directive.join(' '))
      .join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}
